"""HTTP in, HTTP out: one file per group of endpoints. A route gathers and acts; it never judges."""
