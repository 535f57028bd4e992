"""What models are made of: declarations, populations, projections, recorders."""
