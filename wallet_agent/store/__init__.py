"""What the database keeps. Everything that tells about the holder is sealed by the vault before it comes here."""
