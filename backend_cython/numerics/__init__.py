"""Mathematics of models: propagators, integrators, random numbers."""

from backend_cython.engine.processor import variants_first

__path__ = variants_first(__path__)
