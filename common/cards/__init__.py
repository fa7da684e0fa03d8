"""Identity cards: from one command up to claims with their evidence. Pure: the reader is a port (`common.ports.CardConnection`)."""
