"""Credential status: Token Status List (draft-20), allocation of its indices, and the checker that turns a list into a fact."""
