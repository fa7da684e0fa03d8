"""The vault: what a holder owns, sealed at rest. Pure: no database, no clock, no network; ``holder`` flows carry the bytes to the store."""
