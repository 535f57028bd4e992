"""Recorded signals, and files in which they are kept while the simulation runs."""
