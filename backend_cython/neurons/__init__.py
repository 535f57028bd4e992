"""Neurons and spike sources, one file a model."""
