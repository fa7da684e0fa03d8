"""The gate pass: a ticket in one QR code, bound to a key on its holder's phone, believed by a gate with no network."""
