"""The microcircuit of `dendritic_microcircuit` without spikes and without time: the equilibrium of its rates."""

import numpy as np
from dendritic_microcircuit import APICAL, BASAL, NUDGING, SOMA, W_MAX, initial_weights

ROUNDS = 16  # of the iteration that finds an equilibrium, each of which halves what is left


def phi(potential):
    return np.logaddexp(0.0, potential)


class RateMicrocircuit:
    """Same design, same initial weights, same learning, all of it at the equilibrium of each pattern."""

    def __init__(self, design, seed):
        self.design = design
        up, above, self.down = initial_weights(design, seed)
        self.up = [up, above]
        self.to_interneurons, self.from_interneurons = above.copy(), -self.down

    def weights(self, layer):
        """Towards the hidden (0) or the output cells (1)."""
        return self.up[layer]

    def equilibrium(self, pattern, target=None):
        """Somatic potentials of hidden cells, output cells and interneurons; basal ones of the same; apical ones.

        `pattern` and `target` may be arrays (patterns, cells).
        """
        basal = pattern @ self.up[0]
        hidden = BASAL * basal / (SOMA + BASAL + APICAL)
        for _ in range(ROUNDS):
            rate = phi(hidden)
            basal_out, basal_inter = rate @ self.up[1], rate @ self.to_interneurons
            output = BASAL * basal_out / (SOMA + BASAL)
            if target is not None:
                output = (BASAL * basal_out + NUDGING * target) / (SOMA + BASAL + NUDGING)
            inter = (BASAL * basal_inter + NUDGING * output) / (SOMA + BASAL + NUDGING)
            apical = phi(output) @ self.down + phi(inter) @ self.from_interneurons
            hidden = 0.5 * hidden + 0.5 * (BASAL * basal + APICAL * apical) / (SOMA + BASAL + APICAL)
        return (hidden, output, inter), (basal, basal_out, basal_inter), apical

    def train(self, patterns, classes, order, rate=1.0):
        """As :meth:`dendritic_microcircuit.Microcircuit.train`."""
        design, (wrong, right) = self.design, self.design.targets
        time = rate * design.learn * design.plastic
        eta_ip, eta_pi = (eta * design.interneurons_learn for eta in (design.eta_ip, design.eta_pi))
        for k in order:
            target = np.where(np.arange(len(self.down)) == classes[k], right, wrong)
            (hidden, output, inter), (basal, basal_out, basal_inter), apical = self.equilibrium(patterns[k], target)
            below = phi(hidden)
            outside = SOMA + BASAL
            changes = (
                (self.up[0], design.eta_up[0], patterns[k], below - phi(BASAL * basal / (outside + APICAL))),
                (self.up[1], design.eta_up[1], below, phi(output) - phi(BASAL * basal_out / outside)),
                (self.to_interneurons, eta_ip, below, phi(inter) - phi(BASAL * basal_inter / outside)),
                (self.from_interneurons, eta_pi * design.feedback, phi(inter), -apical),
            )
            for weights, eta, pre, error in changes:
                weights += time * eta * np.outer(pre, error)
                np.clip(weights, -W_MAX, W_MAX, out=weights)

    def test(self, patterns):
        """Somatic potentials of the output cells for each pattern, without a teacher."""
        return self.equilibrium(patterns)[0][1]
