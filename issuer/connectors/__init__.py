"""Where a roll comes from. One registrar so far (CSV), so there is no contract yet."""
