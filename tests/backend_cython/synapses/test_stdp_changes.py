"""What setting parameters and delays between runs does to synapses that learn from spike times."""

import numpy as np
import pytest

from tests.reference.stdp import carried

from ..helpers import H
from ..stdp_bench import N_STEPS, Bench, trains


def test_setting_weights_leaves_the_traces():
    bench = Bench([[100, 300]], [[200, 298]])
    bench.run(150)
    bench.synapses.set({"weight": 0.5})
    bench.run(100)
    assert bench.synapses.get("weight")[0] == pytest.approx(0.5 + 0.03 * 2.0 * np.exp(-101 * H / 17.0), rel=1e-12)


def test_setting_amplitudes_and_bounds_leaves_weights_and_traces():
    bench = Bench([[100]], [[200]]).run(150)
    before = bench.synapses.get("weight")[0]
    bench.synapses.set({"A_plus": 0.5, "w_max": 4.0})
    assert bench.synapses.get("weight")[0] == before
    bench.run(100)
    assert bench.synapses.get("weight")[0] == pytest.approx(before + 0.5 * 4.0 * np.exp(-101 * H / 17.0), rel=1e-12)


def test_setting_time_constants_leaves_traces_where_they_are():
    bench = Bench([[100, 260]], [[50, 200]]).run(150)
    bench.synapses.set({"tau_plus": 5.0, "tau_minus": 8.0})
    w = bench.synapses.get("weight")[0]
    bench.run(100)
    w += 0.03 * 2.0 * np.exp(-50 * H / 17.0) * np.exp(-51 * H / 5.0)
    assert bench.synapses.get("weight")[0] == pytest.approx(w, rel=1e-12)
    bench.run(100)
    w -= 0.025 * 2.0 * (np.exp(-99 * H / 31.0) * np.exp(-110 * H / 8.0) + np.exp(-59 * H / 8.0))
    assert bench.synapses.get("weight")[0] == pytest.approx(w, rel=1e-12)


def test_setting_what_is_there_changes_nothing():
    whole, changed = (Bench(trains(18, 3), trains(19, 3), delay=[4, 2, 9] * 3) for _ in range(2))
    whole.run()
    changed.run(900)
    changed.synapses.set({"tau_plus": 17.0, "A_plus": np.full(9, 0.03)})
    changed.synapses.set({"tau_minus": [31.0, 31.0]}, [0, 5])
    changed.synapses.set_delay_steps([4, 2, 9] * 3)
    changed.run(N_STEPS - 900)
    np.testing.assert_allclose(changed.synapses.get("weight"), whole.synapses.get("weight"), rtol=1e-13)


def test_setting_some_connections():
    bench = Bench(trains(18, 2), trains(19, 2))
    bench.p["A_plus"] = np.array([0.03, 0.2, 0.03, 0.03])
    bench.p["tau_plus"] = np.array([17.0, 17.0, 3.0, 17.0])
    bench.synapses.set({"tau_plus": 3.0}, [-2])
    bench.synapses.set({"A_plus": 0.2}, [1])
    bench.run().check()


@pytest.mark.parametrize("old,new", [(10, 30), (30, 10), (30, 1), (1, 100), ([10, 20, 30, 40], [40, 20, 10, 50])])
def test_every_postsynaptic_spike_arrives_once_when_delays_change(old, new):
    """After its new delay, or at once."""
    at = 800
    bench = Bench(trains(20, 2), trains(21, 2, rate=0.1), delay=old).run(at)
    before = [bench.arrivals(k)[1] for k in range(4)]
    bench.synapses.set_delay_steps(new)
    bench.delay = np.broadcast_to(new, 4)
    bench.run(N_STEPS - at)
    p = {**bench.p, "tau_plus": bench.p["tau_plus"] / H, "tau_minus": bench.p["tau_minus"] / H}
    for k in range(4):
        pre, after = bench.arrivals(k)
        # an instant after whatever happened in the step of the change
        post = np.where(before[k] <= at, before[k], np.maximum(after, at + 1e-9)).tolist()
        weights, last = carried("SpikePair", "Additive", p, 1.0, pre.tolist(), post, N_STEPS)
        np.testing.assert_allclose(bench.got(k), weights, atol=1e-9)
        assert bench.synapses.get("weight")[k] == pytest.approx(last, abs=1e-9)


def test_delays_may_change_again_and_be_reset():
    bench = Bench(trains(20, 2), trains(21, 2, rate=0.1), delay=10).run(800)
    bench.synapses.set_delay_steps([30, 1], [0, 3])
    bench.run(5)
    bench.synapses.set_delay_steps(10)
    bench.network.reset()
    bench.run().check()
