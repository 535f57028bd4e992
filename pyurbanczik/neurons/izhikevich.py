"""The simple model of Izhikevich."""

from pyNN.standardmodels import cells

from backend_cython.neurons import izhikevich

from .base import CellType


class Izhikevich(CellType, cells.Izhikevich):
    r"""The two-variable spiking neuron of Izhikevich.

    .. math::
        \dot v = 0.04 v^2 + 5 v + 140 - u + I/C, \qquad \dot u = a (b v - u)

    with v in mV, u in mV/ms, t in ms, C = 1 pF. When v reaches 30 mV the cell spikes: at the end of the time step
    v is c and u larger by d. A spike that arrives lets v jump by its weight, which is in mV, and zero or negative
    if inhibitory.

    ========= ===== ====================================================
    parameter unit  meaning
    ========= ===== ====================================================
    a         /ms   rate of the recovery variable u, zero or positive
    b         /ms   how strongly u follows v
    c         mV    potential after a spike
    d         mV/ms growth of u with a spike
    i_offset  nA    constant current; 0.001 nA adds 1 mV/ms to the slope of v
    ========= ===== ====================================================

    Receptor types are "excitatory" and "inhibitory". "spikes", "v" and "u" can be recorded.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not finite.

    References
    ----------
    .. [1] Izhikevich EM (2003) Simple model of spiking neurons. IEEE Trans Neural Netw 14:1569–1572.
    """

    core = izhikevich.Izhikevich
