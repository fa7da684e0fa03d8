"""Mints credentials from registrars. Map: README.md."""
