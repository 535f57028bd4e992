"""Cost of a neuron's step and of a plastic event, beside what the machine can do at all."""

import importlib.util
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from backend_cython.engine.team import can_use_threads
from benchmarks import core_costs, instructions, report

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"]
OPENMP = ["-fopenmp"] if can_use_threads() else []
# three nodes of the Gauss rule; rates of soma and dendrite
EXPONENTIALS_A_STEP = 5
# integral and low-pass of a synapse, read and written (parameters that are equal, and targets in a row, cost nothing)
BYTES_AN_EVENT = 4 * 8
SIZES = ((1, 200), (100, 200), (1000, 1000))

TEXT = """
The core alone on one thread, without recording: a neuron's step is measured without inputs, a plastic event as what
inputs at 50 Hz add. The limit of a step is its {exponentials} exponentials, at {exponential:.2f} ns for one of ours
in a vector loop; the limit of an event is its {size} bytes of synaptic state on their way from and to memory, at
{bandwidth:.1f} GB/s (triad of arrays beyond the caches, one thread). Synapses that stay in a cache can be faster
than that. {instructions}
"""


def compile_kernels(folder):
    """Compile kernels.pyx for this machine's processor; returns where it is."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    shutil.copy(Path(__file__).with_name("kernels.pyx"), folder)
    extension = Extension(
        "kernels",
        [f"{folder}/kernels.pyx"],
        include_dirs=[str(ROOT / "backend_cython")],
        extra_compile_args=FLAGS + OPENMP,
        extra_link_args=OPENMP,
    )
    directives = {"language_level": 3, "boundscheck": False, "wraparound": False}
    modules = cythonize([extension], include_path=[str(ROOT)], compiler_directives=directives, quiet=True)
    command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
    command.build_lib = command.build_temp = folder
    command.ensure_finalized()
    command.run()
    (path,) = (path for path in Path(folder).glob("kernels.*") if path.suffix in (".so", ".pyd"))
    return path


def load_kernels(path):
    spec = importlib.util.spec_from_file_location("kernels", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def best(function, repeats=7):
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        found.append(time.perf_counter() - started)
    return min(found)


def exponential_ns(kernels, n=1000, repeats=10_000):
    x = np.linspace(-3.0, 3.0, n)
    out = np.empty_like(x)
    return best(lambda: kernels.exponentials(x, out, repeats)) / (n * repeats) * 1e9


def bandwidth(kernels, n=20_000_000):
    """GB/s of a = b + s c, counted as STREAM does: two arrays read and one written."""
    a, b, c = np.zeros(n), np.ones(n), np.ones(n)
    return 24.0 * n / best(lambda: kernels.triad(a, b, c, 3.0)) * 1e-9


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        kernels = load_kernels(compile_kernels(folder))
        exponential, memory = exponential_ns(kernels), bandwidth(kernels)
    step_limit, event_limit = EXPONENTIALS_A_STEP * exponential, BYTES_AN_EVENT / memory
    counted = instructions.counts(SIZES)
    rows = []
    for n, k in SIZES:
        print(f"  costs at {n}, {k}", file=sys.stderr, flush=True)
        n_steps = int(np.clip(2e6 / n, 500, 20_000))
        costs = core_costs.single_costs(options.rounds, n, k, 50.0, n_steps)
        for what, ns, limit, count in zip(
            ("step", "event"), costs, (step_limit, event_limit), counted.get((n, k), (None, None))
        ):
            row = [f"{what}, N = {n}, K = {k}", f"{ns:.1f} ns", f"{limit:.1f} ns", report.times(ns / limit)]
            rows.append([*row, "" if count is None else f"{count:.0f}"])
    text = TEXT.format(
        exponentials=EXPONENTIALS_A_STEP,
        exponential=exponential,
        size=BYTES_AN_EVENT,
        bandwidth=memory,
        instructions=instructions.TEXT if counted else "",
    )
    return f"{text}\n{report.table(['', 'measured', 'limit', 'measured / limit', 'instructions'], rows)}\n"
