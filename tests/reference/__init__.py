"""Readable NumPy twins of the model, derived from its equations: slow, plain, no kernel copied."""
