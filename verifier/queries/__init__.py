"""Questions that a relying party can ask, one per file, listed in ``registry.py``."""
