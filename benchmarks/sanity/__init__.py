"""The public sanity checks of metrics of fidelity and diversity, on ours."""
