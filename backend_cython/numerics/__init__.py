"""Mathematics of models: propagators, integrators, random numbers."""
