"""Reading a card in the holder's own reader for an issuer far away: the holder's side of the card relay, and what it lets pass."""
