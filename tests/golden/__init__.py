"""Runs whose results are compared between two states of the source code, bit by bit."""
