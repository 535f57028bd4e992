"""
A dendritic cortical microcircuit learns to read digits
=======================================================

    Sacramento J, Costa RP, Bengio Y, Senn W (2018) Dendritic cortical microcircuits approximate the
    backpropagation algorithm. NeurIPS 31, arXiv:1810.11393,

with spikes, as in ``sacramento_2018_bars``, on handwritten digits: 1,797 pictures of 8×8 pixels, which come with
scikit-learn (``pip install "pyurbanczik[examples]"``). A fifth of them is held out, the others are shown about four
times each, for less than a tenth of a second.

Beside the spiking network are

* its twin, the same equations with rates in place of spikes at the equilibrium of each picture, from the same initial
  weights and the same order of pictures: what spikes and time do to it;
* the twin without feedback, in which hidden cells receive no error: what the hidden layer has to learn;
* a logistic regression of all pictures that are not held out, until it has converged: what is there to be learnt.

Deviations from the paper: digits of 8×8 pixels in place of MNIST, 30 hidden cells, one hidden layer; what
``sacramento_2018_bars`` names.
"""

import dataclasses
import time

import command_line
import numpy as np
from dendritic_microcircuit import Design, Microcircuit
from microcircuit_of_rates import RateMicrocircuit

# %%
# Parameters
# ----------

SIDE, N_CLASSES, N_HIDDEN = 8, 10, 30
DESIGN = Design(
    layers=(SIDE**2, N_HIDDEN, N_CLASSES), psi=30.0, settle=60.0, learn=20.0, read=30.0,
    eta_up=(0.005, 0.0010), eta_ip=0.001, eta_pi=0.002, initial_up=(0.2, 0.1), initial_down=1.0,
)  # fmt: skip
ABLATION = dict(feedback=False)
HELD_OUT = 360  # pictures
SHOWN = 6000  # pictures during training
TESTS, TESTED = 8, 60  # during training, on how many of the pictures that are held out


@dataclasses.dataclass(frozen=True)
class Digits:
    """Pictures (with pixels from 0 to 1) and their classes, in a random order; the first are held out."""

    pictures: np.ndarray
    classes: np.ndarray

    @classmethod
    def create(cls, seed):
        try:
            from sklearn.datasets import load_digits
        except ModuleNotFoundError as error:
            raise SystemExit(f'{error}; pip install "pyurbanczik[examples]"') from None
        pictures, classes = load_digits(return_X_y=True)
        order = np.random.default_rng(seed).permutation(len(classes))
        return cls(pictures[order] / pictures.max(), classes[order])

    def training_order(self, seed, shown):
        """Numbers of pictures to show: all that are not held out, then all again in another order."""
        rng, rest = np.random.default_rng([seed, 1]), np.arange(HELD_OUT, len(self.classes))
        rounds = [rng.permutation(rest) for _ in range(-(-shown // len(rest)))]
        return np.concatenate(rounds)[:shown]


# %%
# Protocol
# --------


@dataclasses.dataclass(frozen=True)
class Learnt:
    """What one network has learnt."""

    accuracies: np.ndarray  # on some of the pictures held out, before and during training
    answers: np.ndarray  # for all of them, in the end
    classes: np.ndarray
    weights: np.ndarray  # to the hidden cells
    seconds: float  # for each picture shown

    @property
    def accuracy(self):
        return np.mean(self.answers == self.classes)


def learn(kind, design, seed, shown):
    """Train a network of this class on one split of the digits."""
    digits, network = Digits.create(seed), kind(design, seed)
    pictures, classes = digits.pictures[:HELD_OUT], digits.classes[:HELD_OUT]

    def answers(n):
        return network.test(pictures[:n]).argmax(axis=1)

    parts = np.array_split(digits.training_order(seed, shown), TESTS)
    accuracies, seconds = [np.mean(answers(TESTED) == classes[:TESTED])], 0.0
    for k, part in enumerate(parts):
        started = time.perf_counter()
        network.train(digits.pictures, digits.classes, part, rate=1.0 - k / TESTS)
        seconds += time.perf_counter() - started
        accuracies.append(np.mean(answers(TESTED) == classes[:TESTED]))
    return Learnt(np.array(accuracies), answers(HELD_OUT), classes, network.weights(0), seconds / shown)


def regression(seed):
    """Accuracy of a logistic regression on the pictures held out."""
    from sklearn.linear_model import LogisticRegression

    digits = Digits.create(seed)
    model = LogisticRegression(max_iter=1000).fit(digits.pictures[HELD_OUT:], digits.classes[HELD_OUT:])
    return model.score(digits.pictures[:HELD_OUT], digits.classes[:HELD_OUT])


def plan(seeds, shown):
    """All that is computed: {(what, seed): (function, arguments)}."""
    without = dataclasses.replace(DESIGN, **ABLATION)
    tasks = {("spikes", seed): (learn, Microcircuit, DESIGN, seed, shown) for seed in seeds}
    for seed in seeds:
        tasks["rates", seed] = learn, RateMicrocircuit, DESIGN, seed, shown
        tasks["rates, no feedback", seed] = learn, RateMicrocircuit, without, seed, shown
        tasks["logistic regression", seed] = regression, seed
    return tasks


# %%
# Analysis
# --------


def collect(results):
    """{what: results of its seeds}"""
    found = {}
    for (what, _), result in results.items():
        found.setdefault(what, []).append(result)
    return found


def summary(found, shown):
    accuracies = {what: [getattr(one, "accuracy", one) for one in values] for what, values in found.items()}
    mean = {what: np.mean(values) for what, values in accuracies.items()}
    seconds = np.mean([one.seconds for one in found["spikes"]])
    lines = [
        f"{'-'.join(map(str, DESIGN.layers))} cells, psi = {DESIGN.psi:g} per ms, {shown} pictures shown, "
        f"{HELD_OUT} held out, {len(found['spikes'])} seeds",
        f"time per picture of {DESIGN.settle + DESIGN.learn:g} ms: {seconds * 1e3:.2f} ms",
        f"test accuracy: {mean['spikes']:.2f}",
    ]
    for what, values in accuracies.items():
        lines.append(f"  {what + ':':21} {mean[what]:.3f} (each: {' '.join(f'{value:.3f}' for value in values)})")
    passed = mean["spikes"] >= 0.9 and mean["rates, no feedback"] < mean["spikes"] - 0.1
    lines.append(
        command_line.verdict("accuracy of at least 0.90 on digits held out, and less without feedback", passed)
    )
    return "\n".join(lines)


def draw(found, shown):
    import figures

    title = f"Spiking cortical microcircuits learn to read digits from {shown} pictures"
    figure, ((curves, confusion, fields),) = figures.new_figure(
        14.0, 4.4, title, 1, 3, gridspec_kw=dict(width_ratios=[1.3, 1, 1.1])
    )
    at = np.linspace(0, shown, TESTS + 1)
    styles = (
        ("spikes", figures.BLUE, "-"),
        ("rates", figures.ORANGE, "-"),
        ("rates, no feedback", figures.ORANGE, "--"),
    )
    for what, colour, line in styles:
        values = np.array([one.accuracies for one in found[what]])
        curves.plot(at, values.mean(axis=0), line, color=colour, linewidth=1.6, label=what)
        curves.plot([at[-1]] * len(values), [one.accuracy for one in found[what]], "o", color=colour)
    best = np.mean(found["logistic regression"])
    curves.axhline(best, color=figures.BLACK, linestyle=":", linewidth=1, label="logistic regression")
    curves.set(xlabel="pictures shown", ylabel="accuracy on pictures held out (dots: all of them)", ylim=(0.0, 1.02))
    curves.legend(frameon=False, fontsize=9)

    counts = np.zeros((N_CLASSES, N_CLASSES))
    for one in found["spikes"]:
        np.add.at(counts, (one.classes, one.answers), 1)
    confusion.imshow(np.sqrt(counts), cmap="Blues")
    for (i, j), count in np.ndenumerate(counts):
        if count:
            dark = count > 0.4 * counts.max()
            confusion.text(j, i, f"{count:.0f}", ha="center", va="center", fontsize=8, color="w" if dark else "k")
    confusion.set(xticks=range(N_CLASSES), yticks=range(N_CLASSES), xlabel="answer", ylabel="digit")
    confusion.set_title("spikes, all held out", fontsize=10)

    rows, columns = 5, 6
    gap = SIDE + 1
    mosaic = np.full((rows * gap - 1, columns * gap - 1), np.nan)
    for cell, weights in enumerate(found["spikes"][0].weights.T[: rows * columns]):
        i, j = divmod(cell, columns)
        mosaic[i * gap : i * gap + SIDE, j * gap : j * gap + SIDE] = weights.reshape(SIDE, SIDE)
    limit = np.nanmax(np.abs(mosaic))
    image = fields.imshow(mosaic, cmap="RdBu_r", vmin=-limit, vmax=limit)
    fields.set(xticks=[], yticks=[])
    fields.spines[["left", "bottom"]].set_visible(False)
    fields.set_title("weights to the hidden cells", fontsize=10)
    figure.colorbar(image, ax=fields, shrink=0.8)
    return figure


def main(arguments=None):
    parser = command_line.parser("Sacramento et al. (2018): digits, with pyurbanczik")
    parser.add_argument("--seeds", type=command_line.positive_integer, default=2, help="networks, from --seed on")
    parser.add_argument("--shown", type=command_line.positive_integer, default=SHOWN, help="pictures in training")
    command_line.add_processes(parser)
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.seeds)
    found = collect(command_line.run_all(plan(seeds, options.shown), options.processes))
    print(summary(found, options.shown))
    if not options.no_plot:
        import figures

        figures.save(draw(found, options.shown), options.output, "sacramento_2018_digits")


if __name__ == "__main__":
    main()
