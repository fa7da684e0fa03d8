"""OpenID4VCI 1.0: one file per message, used by the issuer and by the wallet agent. Pure; no network."""
