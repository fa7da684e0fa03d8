"""What the verifier does, one use case per file: gather → examine → judge → act. Plain Python; no HTTP framework."""
