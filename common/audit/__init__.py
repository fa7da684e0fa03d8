"""The audit record: what was done, when and by whose role, without personal data, hash-chained per tenant in batches. Pure."""
