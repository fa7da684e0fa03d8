"""What gates, hubs and organisers hand each other: packs, deltas, journals, enrolments. Bytes and their meaning, no storage, no network."""
