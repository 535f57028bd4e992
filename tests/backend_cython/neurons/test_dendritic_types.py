"""Classes of neurons with dendrites, and what they declare."""

import pytest

from backend_cython.neurons.dendritic_types import RATE_FUNCTIONS, dendritic_neuron


def test_a_class_for_each_choice_of_dendrites_and_rate_function():
    assert dendritic_neuron(("a", "b")) is dendritic_neuron(["a", "b"])
    assert dendritic_neuron(("a", "b")) is not dendritic_neuron(("b", "a"))
    assert dendritic_neuron(("a",), "softplus") is not dendritic_neuron(("a",))
    assert dendritic_neuron(("a", "b")).RECEPTORS == (
        "a_exc",
        "a_inh",
        "b_exc",
        "b_inh",
        "soma_exc",
        "soma_inh",
        "a",
        "b",
    )


@pytest.mark.parametrize("rate_function", RATE_FUNCTIONS)
def test_what_tables_name_is_declared(rate_function):
    kind = dendritic_neuron(["a", "b"], rate_function)
    parameters = set(kind.PARAMETERS)
    assert set(RATE_FUNCTIONS[rate_function]) < parameters
    assert set(kind.TAU_SYN) == set(kind.RECEPTORS) == set(kind.WEIGHT_UNITS)
    assert set(kind.TAU_SYN.values()) < parameters
    assert set(kind.STATES) < set(kind.RECORDABLES)
    assert {state.default for state in kind.STATES.values() if isinstance(state.default, str)} < parameters
    for compartment in kind.COMPARTMENTS.values():
        assert compartment.potential in kind.STATES
        assert compartment.capacitance in parameters
    assert set(kind.LEARNABLE) == set(kind.RECEPTORS) - {"soma_exc", "soma_inh"}
    for learnable in kind.LEARNABLE.values():
        assert learnable.parameters < parameters
