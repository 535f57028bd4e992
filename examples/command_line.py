"""What the experiments share on the command line: options, processes, a progress bar and how a result is judged."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path


def parser(description, seed=1):
    """A parser with the options that every experiment has."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--seed", type=int, default=seed, help="of all that is random (default %(default)s)")
    options.add_argument("--output", type=Path, default=Path("results"), help="folder for the figures")
    options.add_argument("--no-plot", action="store_true", help="print the summary only")
    return options


def add_processes(options):
    options.add_argument(
        "--processes", type=positive_integer, default=os.cpu_count(), help="that share the simulations"
    )


def positive_integer(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not allowed; it must be at least 1")
    return value


def verdict(criterion, passed):
    """A line that says whether the experiment shows what it should."""
    return f"{'PASS' if passed else 'FAIL'}: {criterion}"


class ProgressBar:
    """How much is done; a line now and then where the output is not a terminal."""

    WIDTH = 40

    def __init__(self, total, unit, stream=None):
        self.total, self.unit, self.stream = total, unit, stream or sys.stderr
        self.interactive = self.stream.isatty()
        self.done = self.filled = 0

    def __call__(self, done=None):
        """`done` of the total; one more without it."""
        self.done = self.done + 1 if done is None else done
        filled = round(self.WIDTH * self.done / self.total)
        text = f"[{'#' * filled}{'.' * (self.WIDTH - filled)}] {self.done:g} of {self.total:g} {self.unit}"
        if self.interactive:
            self.stream.write("\r" + text + ("\n" if filled == self.WIDTH else ""))
        elif filled // 10 != self.filled // 10:
            self.stream.write(text + "\n")
        self.filled = filled
        self.stream.flush()


def run_all(tasks, processes):
    """Results by key of tasks {key: (function, *arguments)}, computed by several processes."""
    progress = ProgressBar(len(tasks), "simulations")
    with ProcessPoolExecutor(processes) as pool:
        running = {pool.submit(*task): key for key, task in tasks.items()}
        results = {}
        for future in as_completed(running):
            results[running[future]] = future.result()
            progress()
    return {key: results[key] for key in tasks}
