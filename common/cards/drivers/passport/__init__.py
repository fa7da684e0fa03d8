"""e-passports and identity cards of the same make: ICAO Doc 9303 (8th edition) parts 3 to 5 and 9 to 12, BSI TR-03110."""
