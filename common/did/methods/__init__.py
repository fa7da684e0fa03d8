"""DID methods, one file each. They do not know each other."""
