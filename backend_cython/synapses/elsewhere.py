"""Plastic synapses that other processes have.

How often synapses are brought up to date, and what is kept for them, depends on all that learn from a population (see
`dendritic_error.pyx`). So that rounding does not depend on the number of processes, each of them has the sums that the
synapses of any need.
"""

from .dendritic_error import DendriticError


class SynapsesElsewhere:
    """Those of one projection, as a user of sums that does nothing.

    Parameters
    ----------
    population : backend_cython.model.population.Population
        The cells that the synapses learn from.
    receptor : str
    """

    def __init__(self, population, receptor):
        self.population = population
        self.receptor = receptor
        self.errors = []

    def use(self, tau_Delta, delay_steps):
        """There are synapses with these time constants, and delays up to `delay_steps`; the sums that are not used
        any more.
        """
        before, self.errors = self.errors, []
        for tau in sorted(set(tau_Delta)):
            error = DendriticError.of(self.population, self.receptor, tau)
            error.join(self, delay_steps)
            self.errors.append(error)
        return [error for error in before if error not in self.errors]

    def leave(self, errors):
        """These sums are not used any more."""
        for error in errors:
            error.leave(self)

    def settle(self):
        """Called before the sums start anew; there is nothing to bring up to date here."""

    def resume(self):
        """Called after that."""

    def take_horizon(self, steps):
        """How long a synapse may wait for its update."""
