"""Use cases, one a file, verb first. Plain Python: no web framework, only the ports that each needs."""
