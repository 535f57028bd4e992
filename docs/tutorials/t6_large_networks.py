"""
6. Large networks: threads, processes, files
============================================

Nothing of what follows changes results, to the last bit: neither the number of threads
or processes, nor recording to a file, nor running in pieces.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

import pyurbanczik as sim


def build(threads):
    """A hundred neurons with 200 plastic synapses each."""
    sim.setup(timestep=0.1, min_delay=1.0, rng_seed=6, threads=threads)
    inputs = sim.Population(200, sim.SpikeSourcePoisson(rate=10.0), label="inputs")
    neurons = sim.Population(100, sim.UrbanczikSenn(soma_i_offset=3.0), label="neurons")
    rule = sim.UrbanczikSennSynapse(weight=0.01, delay=1.0, eta=0.05, w_max=0.1)
    learning = sim.Projection(
        inputs, neurons, sim.AllToAllConnector(), rule, receptor_type="dendritic_exc"
    )
    neurons.record("spikes")
    return neurons, learning


# %%
# **Threads.** ``setup(threads=2)`` divides the cells among two threads, each with the
# synapses onto it. It pays from some hundred cells on, where each thread has a
# processor of its own, and the more so the longer the shortest delay is: see the
# measurements in :doc:`/scaling`.

found = []
for threads in (1, 2):
    neurons, learning = build(threads)
    sim.run(1000.0)
    found.append(learning.get("weight", format="array"))
print("the same weights, bit by bit:", np.array_equal(*found))

# %%
# **Processes.** ``mpiexec -n 4 python script.py`` does the same with processes, on one
# machine or many; the script stays as it is. ``get_data()`` gathers what was recorded
# in the first process, ``get_data(gather=False)`` leaves it where it is. More in
# :doc:`/scaling`.
#
# **Files.** A recording to a ".zarr" file takes bounded memory, however long the run
# is.

path = Path(tempfile.mkdtemp()) / "long.zarr"
neurons, learning = build(2)
neurons.record("soma.v", to_file=str(path), sampling_interval=1.0)
learning.record(
    "weight", to_file=str(path), sampling_interval=100.0, connections=slice(0, 500)
)
sim.run(5000.0)
sim.end()
print(
    sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) // 1024, "kB"
)

# %%
# It is read in pieces, from any process.

for block in sim.read_recording(str(path)):
    for signal in block.segments[0].analogsignals:
        print(block.name, signal.name, signal.shape)
part = (
    sim.read_recording(str(path))[0]
    .segments[0]
    .analogsignals[0]
    .load(channel_indexes=[0, 1])
)
ax = sim.plotting.traces(part)

# %%
# **Long runs.** What may be interrupted saves its state now and then: ``save_state``
# writes all that the future depends on to a file, and ``load_state`` goes on from it in
# a script that has built the same network, with any number of threads and processes, to
# the last bit (see :doc:`/howto/save_and_restore`).

neurons, learning = build(2)
sim.run(500.0)
sim.save_state(path.parent / "half.state")
neurons, learning = build(1)
sim.load_state(path.parent / "half.state")
sim.run(500.0)
print(
    "as without the cut:",
    np.array_equal(learning.get("weight", format="array"), found[0]),
)

# %%
# **Building** a network of 20 000 plastic synapses takes this long:

began = time.perf_counter()
build(2)
print(f"{(time.perf_counter() - began) * 1e3:.0f} ms")
