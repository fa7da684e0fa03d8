"""Tables of the issuer, their migrations, and nothing that decides."""
