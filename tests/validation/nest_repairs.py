"""What pyNN.nest 0.13.0 lacks for its models to run, or to be recorded, as PyNN describes them."""

from pyNN.standardmodels import synapses


def repair(sim):
    """Complete the classes of pyNN.nest: names and arguments only, no dynamics."""
    # Their `v` cannot be recorded: they do not say which variable of NEST it is.
    sim.IF_curr_delta.variable_map = {"v": "V_m"}
    sim.IF_curr_delta.scale_factors = {"v": 1}
    # Its class knows the two conductances by other names than the standard cell, and cannot be built for that.
    adapting = sim.IF_cond_exp_gsfa_grr
    adapting.variable_map = {**adapting.variable_map, "g_r": "g_rr", "g_s": "g_sfa"}
    adapting.scale_factors = {**adapting.scale_factors, "g_r": 1, "g_s": 1}  # nS in both
    # Its constructor drops the two exponents, so that they are 0.5 whatever is given.
    sim.GutigWeightDependence.__init__ = synapses.GutigWeightDependence.__init__
