"""Lists that loops without the interpreter go through."""

import pytest

from backend_cython.engine.network import Network
from backend_cython.engine.pointer_list import PointerList

from ..helpers import Ear, source, static


def test_members_stay_in_their_order():
    members, some = [object() for _ in range(40)], PointerList()
    for member in members:
        some.add(member)
    some.remove(members[7])
    some.remove(members[39])
    assert some.members == members[:7] + members[8:39]
    with pytest.raises(ValueError):
        some.remove(members[7])


def test_those_behind_one_that_is_removed_are_still_called():
    network = Network(0.1)
    first, second = Ear(network), Ear(network)
    inputs = source(network, [3])
    for ear in (first, second):
        static(inputs, ear.cells)
    network.remove_recorder(first.recorder)
    network.advance(10)
    assert second.steps() == [4]
