"""Private keys and what keeps them: software keys, sealed bytes, passphrases, and did:key's multikey text."""
