"""Cells in groups: populations, views of them, assemblies, and networks of them."""

from .assembly import Assembly
from .network import Network
from .population import Population
from .view import PopulationView

__all__ = ["Assembly", "Network", "Population", "PopulationView"]
