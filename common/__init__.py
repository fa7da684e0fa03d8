"""What two of the three programs must agree on: keys, DIDs, formats, status, OpenID4VC messages. Map: README.md."""
