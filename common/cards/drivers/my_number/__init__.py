"""The My Number card: JPKI certificates and keys, the text and surface applications. Its individual number is never read. cards.md §3."""
