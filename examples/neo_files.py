"""Recordings on their way through files."""

from pathlib import Path

import neo
import numpy as np


def files_agree(populations, folder):
    """Write populations to NIX and NWB, and read them with Neo: whether spikes and signals are what was recorded."""
    readers = {
        "nix": lambda path: neo.NixIO(path, mode="ro").read_block(),
        "nwb": lambda path: neo.NWBIO(path, mode="r").read_all_blocks()[0],  # which has times in seconds
    }
    agree = {}
    for ending, read in readers.items():
        for population in populations:
            path = str(Path(folder) / f"{population.label}.{ending}")
            population.write_data(path)
            (found,), (recorded,) = read(path).segments, population.get_data().segments
            pairs = [*zip(found.spiketrains, recorded.spiketrains), *zip(found.analogsignals, recorded.analogsignals)]
            complete = len(pairs) == len(recorded.spiketrains) + len(recorded.analogsignals)
            same = [
                a.shape == b.shape and np.allclose(a.rescale(b.units).magnitude, b.magnitude, 0.0, 1e-6)
                for a, b in pairs
            ]
            agree[ending] = agree.get(ending, True) and complete and all(same)
    return agree
