"""The plain sum over a recorded dendrite, and relative errors of weights."""

import numpy as np

from tests.reference import neuron, rule

from .cases import steps


def recorded_error(case, result, cell):
    """The error of every step, out of the recorded dendrite and spikes of one neuron."""
    v_dendrite, n_spikes = result.traces["dendrite.v"][:, cell], result.n_spikes(cell, case.n_steps)
    return rule.delta_pi(v_dendrite, n_spikes, case.dt, case.cells[cell])


def rule_arguments(case, synapse, receptor=None, fraction=None):
    """Keyword arguments of the twin for one synapse."""
    cell = case.cells[synapse.post]
    inhibitory = (receptor or case.receptor) == "dendritic_inh"
    fraction = case.dendritic_delay_fraction if fraction is None else fraction
    total = round(synapse.delay / case.dt)
    dendritic = round(fraction * total)
    return {
        "delay_steps": dendritic,
        "axonal_steps": total - dendritic,
        "tau_leak": cell["dendrite_cm"] / cell["dendrite_g_leak"],
        "tau_syn": cell["dendrite_tau_syn_I" if inhibitory else "dendrite_tau_syn_E"],
        "inhibitory": inhibitory,
        **{name: getattr(synapse, name) for name in ("weight", "eta", "tau_Delta", "w_min", "w_max")},
    }


def expected_events(case, result, synapses=None, **choices):
    """(steps, weights) of every plastic synapse by the plain sum; `choices` as in rule_arguments."""
    errors = [recorded_error(case, result, cell) for cell in range(len(case.cells))]
    events = []
    for synapse in case.plastic if synapses is None else synapses:
        arguments = rule_arguments(case, synapse, **choices)
        train = steps(case.trains[synapse.pre], case.dt)
        train = train[train + arguments["axonal_steps"] <= case.n_steps]
        events.append((train, rule.carried_weights(train, errors[synapse.post], case.dt, **arguments)))
    return events


def worst_weight_error(events, expected, synapses):
    """Largest |difference| / total movement over all synapses; also the smallest and largest total movement.

    The total movement of a synapse is the farthest that its expected weight gets from the one it started
    with.
    """
    worst, movements = 0.0, []
    assert len(events) == len(expected) == len(synapses)
    for (got_steps, got), (due_steps, due), synapse in zip(events, expected, synapses):
        np.testing.assert_array_equal(got_steps, due_steps)
        if len(due) < 2:
            assert np.all(got == synapse.weight)  # nothing was learnt before a first spike
            continue
        movements.append(np.max(np.abs(due - synapse.weight)))
        worst = max(worst, np.max(np.abs(got - due)) / movements[-1])
    return worst, min(movements), max(movements)


def arrivals_at(case, cell, static, events=()):
    """(n_steps + 1, 4): what reaches the receptors of a neuron; events come as (synapse, steps, weights)."""
    total = np.zeros((case.n_steps + 1, 4))
    inputs = [(s.receptor, s.delay, steps(s.times, case.dt), s.weight) for s in static if s.post == cell]
    inputs += [(case.receptor, s.delay, k, w) for s, k, w in events if s.post == cell]
    for receptor, delay, fired, weight in inputs:
        arrived = fired + round(delay / case.dt)
        kept = arrived <= case.n_steps
        column = neuron.RECEPTORS.index(receptor)
        np.add.at(total[:, column], arrived[kept], np.broadcast_to(weight, arrived.shape)[kept])
    return total
