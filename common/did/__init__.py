"""DIDs: grammar, methods, documents, and the resolver that hands out keys (DID Core 1.0)."""
