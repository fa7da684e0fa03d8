"""What a holder does: one use case per file. Plain Python over the store, the vault and the ports that each flow is given."""
