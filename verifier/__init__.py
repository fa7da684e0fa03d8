"""Asks, checks and explains. Map: README.md."""
