"""The only rooms of common that touch the world: database, network, mail, clock, logs, metrics."""
