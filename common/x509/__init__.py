"""X.509 certificates: checking the chain that a message brings (``x5c``), and a small authority for sandboxes and LANs. RFC 5280."""
