"""Coverage-guided fuzzing (atheris) of everything that reads what strangers send. `./dev fuzz` runs it; CI replays what it has found.

A target is a parser and how bytes become its argument (`targets.py`). It holds when every input ends in a value or a `TegataError`, within
bounded time and memory. Inputs that reached new code are kept in ``corpus/<target>.json``, base64, the shortest first.
"""
