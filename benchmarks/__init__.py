"""What the README and the docs claim, measured: run a part as `python -m benchmarks.…`."""
