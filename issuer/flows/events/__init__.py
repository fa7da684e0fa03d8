"""Events: what is sold of them, what tickets become, and what gates are told."""
