"""
Recordings larger than memory
=============================

A name that ends in ".zarr" is that of a file which is written while the simulation
runs. Nothing is lost if the process is killed, and what is read later is only the part
that is wanted.
"""

import tempfile
from pathlib import Path

import quantities as pq

import pyurbanczik as sim

path = Path(tempfile.mkdtemp()) / "run.zarr"
sim.setup(timestep=0.1, rng_seed=9)
neurons = sim.Population(20, sim.UrbanczikSenn(), label="neurons")
neurons.inject(sim.NoisyCurrentSource(mean=5.0, stdev=4.0, dt=5.0))
neurons.record(["spikes", "soma.v"], to_file=str(path))
sim.run(5000.0)
sim.end()

# %%
# Any process can read it, now or while the simulation runs. Signals are read when they
# are asked for.

(block,) = sim.read_recording(str(path))
signal = block.segments[0].analogsignals[0]
print(signal.name, signal.shape, "of which is read:")
part = signal.load(time_slice=(4.5 * pq.s, 4.7 * pq.s), channel_indexes=[0, 3])
print(part.shape)
ax = sim.plotting.traces(part)
