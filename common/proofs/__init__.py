"""Proofs over JSON documents: contexts, expansion, canonical forms, and the cryptosuites as pure functions."""
