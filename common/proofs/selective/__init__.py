"""What the selective suites share: pointers, names of blank nodes, label maps, statements, proof values (vc-di-ecdsa 1.0 §3.4)."""
