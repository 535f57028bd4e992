"""
NIX and NWB
===========

Data are written by Neo to NIX, to NWB ("Neurodata Without Borders") and to other
formats, and read again without this simulator.
"""

import tempfile
from pathlib import Path

import neo

import pyurbanczik as sim

sim.setup(timestep=0.1, rng_seed=8)
neurons = sim.Population(3, sim.UrbanczikSenn(), label="neurons")
neurons.inject(sim.ACSource(amplitude=4.0, offset=5.0, frequency=10.0))
neurons.record(["spikes", "soma.v"])
sim.run(300.0)

# %%
# The ending of the name says which format is meant.

folder = Path(tempfile.mkdtemp())
neurons.write_data(str(folder / "run.nix"))
neurons.write_data(str(folder / "run.nwb"))
for path in sorted(folder.iterdir()):
    print(path.name, path.stat().st_size // 1024, "kB")

# %%
# Whoever has Neo can read it, and draw it.

block = neo.NixIO(str(folder / "run.nix"), mode="ro").read_block()
ax = sim.plotting.traces(block, "soma.v", cells=0)
