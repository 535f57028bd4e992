"""The marks of what has NEST's names and units."""

from pyNN.models import BaseCellType, BaseSynapseType

from ..neurons.base import CellType
from ..synapses.base import SynapseType
from .advice import refuse_status


class NativeCellType(CellType, BaseCellType):
    """Marks the cell types with NEST's names and units."""

    @classmethod
    def own_name(cls, name: str) -> str:
        if not cls.has_parameter(name):
            refuse_status(cls.__name__, name, cls.default_parameters)
        return super().own_name(name)


class NativeSynapseType(SynapseType, BaseSynapseType):
    """Marks the synapse types with NEST's names and units."""

    def check_name(self, name: str) -> None:
        """Refuse a name that is no parameter."""
        if name not in self.default_parameters:
            refuse_status(type(self).__name__, name, self.default_parameters)
