"""Identity cards: from one command to a card up to claims with their evidence. Pure: the reader is a port (`common.ports.CardConnection`)."""
