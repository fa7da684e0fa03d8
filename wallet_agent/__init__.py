"""Holds keys and credentials for people. Map: README.md."""
