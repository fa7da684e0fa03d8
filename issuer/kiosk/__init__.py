"""The kiosk: walks a person from a card in a reader to a QR code. Speaks to its issuer over HTTP, so it may stand on another machine."""
