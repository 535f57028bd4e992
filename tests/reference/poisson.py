"""Numbers of spikes of a Poisson process, some steps at a time."""

import numpy as np
from scipy import stats

from .philox import draw


def counts(seed, stream, mean, n_blocks, steps=8, number=0):
    """Spikes in each of `n_blocks` times `steps` steps, with `mean` a step, from the draw `number` on.

    The number in all steps of a block is the quantile of its first uniform number. Each of these spikes is in the step
    that as many bits as it takes say, lowest first, of the other half of a draw, and then of more draws.
    """
    width = int(np.log2(steps))
    found = np.zeros((n_blocks, steps), int)
    for block in found:
        u, bits = draw(seed, stream, number)
        for spike in range(int(stats.poisson.ppf(u, steps * mean))):
            place = spike % (64 // width)
            if spike and not place:
                number += 1
                _, bits = draw(seed, stream, number)
            block[(bits >> (width * place)) % steps] += 1
        number += 1
    return found.ravel()
