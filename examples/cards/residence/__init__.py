"""What the residence cards are made of: handshake, session, files, pictures, holders. The cards themselves: ``examples.cards.residence_card``."""
