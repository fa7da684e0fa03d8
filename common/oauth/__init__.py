"""OAuth 2.0 as the OpenID4VC family uses it: metadata, forms, bearer tokens, errors. Pure; no network."""
