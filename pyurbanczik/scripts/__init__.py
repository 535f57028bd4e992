"""Scripts that are written for PyNN, whichever simulator they ask for."""
