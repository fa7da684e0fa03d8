"""Credential formats: one contract, one folder each, one line in the registry. What was verified is the only way to claims."""
