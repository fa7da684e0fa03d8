"""Cryptosuites of Data Integrity as pure functions: document and proof options in, proof out. No keys are looked for here."""
