"""OpenID4VP 1.0: one file per message, used by the verifier and by the wallet agent. Pure; no network."""
