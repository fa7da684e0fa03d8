"""What residence cards are made of: handshake, session, files, holders. The cards: ``examples.cards.residence_card``."""
