"""The document types that this deployment can issue as mdocs. One file each, listed in ``registry``."""
