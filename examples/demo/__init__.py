"""The main job, walked through by three real programs: what `./dev demo` runs."""
