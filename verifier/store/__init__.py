"""The verifier's tables and the queries on them. Every row carries its tenant: the slug of a relying party."""
