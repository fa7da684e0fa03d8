"""One file or folder per card: `read` runs where the card is, `authenticate` where the trust is."""
