"""COSE: keys, signatures and MACs over CBOR. RFC 9052, 9053, 9360. No COSE library: hot paths call ``cryptography`` through `PublicKey`."""
