"""Virtual identity cards: independent programs that share no code with the readers that they are held to."""
