"""What ganeval does when things go wrong: `python -m benchmarks.faults.run`."""
