"""Runs of a script, each in a process of its own, with one simulator under every name."""
