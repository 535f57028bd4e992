"""Synapses, one file a rule."""
