"""What an institution can certify: one file per credential type, listed in registry.py."""
