"""Obedience, retrieval and utility on simulated yeast: coverage, alarms, power, time."""
