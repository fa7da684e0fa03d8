"""Rules of a verdict: facts in, one answer out. One rule per file, listed in ``registry.py``; no network, no database, no clock."""
