"""When recordings are written to files while a simulation runs: in memory that does not grow with its duration.

The files themselves are those of `recording_file.py`.
"""

import atexit
import os
import sys
import threading
import weakref
from time import perf_counter

from .zarr_store import RecordingFile, load_zarr

ENDING = ".zarr"
# What recorders may hold before it is written: half of it makes a write due, a piece of a run adds a quarter.
BUFFER_BYTES = 16 << 20
# Wall-clock times (s): how long a piece of a run should take, and after which time there is a write at the latest,
# unless the writing would take more than one part in SHARE of the time.
PIECE_SECONDS = 0.05
WRITE_SECONDS = 1.0
SHARE = 10

_all_streams = weakref.WeakSet()


def is_stream(to_file):
    """Whether `to_file` names a file that is written while the simulation runs."""
    return isinstance(to_file, str | os.PathLike) and os.fspath(to_file).rstrip(os.sep).endswith(ENDING)


def check_writable(owner, path):
    """Refuse a file that exists, or that cannot be made."""
    if os.path.lexists(path):
        raise FileExistsError(
            f"{owner}: {path} exists already, and recordings are not written over; remove it, or choose another name"
        )
    # folders that are missing are made
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"{owner}: {path} cannot be written, since {folder} is not a directory")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{owner}: {path} cannot be written, since {folder} is not writable")


class Streams:
    """All files that a simulation records to as it runs. Without any, a run is a run of the network."""

    def __init__(self):
        self.files = {}
        self._piece = 8  # steps
        self._written_at = perf_counter()
        self._cost = 0.0
        self._process = os.getpid()

    def check(self, owner, path):
        """The absolute path of a file; refused if it cannot be written. Nothing has been created then."""
        owner = f"{owner}.to_file"
        load_zarr(owner)
        path = os.path.abspath(os.fspath(path))
        if path not in self.files:
            check_writable(owner, path)
        return path

    def stream(self, owner, path, keeper, network):
        """The part of a file (made if there is none) that belongs to `keeper`."""
        if path not in self.files:
            try:
                self.files[path] = RecordingFile(path, network)
            except OSError as error:
                raise OSError(error.errno, f"{owner}.to_file: {path} cannot be written: {error.strerror}") from error
            _write_at_exit(self)
        return self.files[path].stream_of(keeper)

    def run(self, network, steps):
        """Run `steps` in pieces, between which recordings are written if it is time to."""
        if not self.files:
            network.run(steps)
            return
        began, end = perf_counter(), network.step + steps
        try:
            while network.step < end:
                self._run_piece(network, end - network.step)
        except BaseException as error:
            # Ctrl-C leaves a file that holds all there is
            if not isinstance(error, OSError):
                self.write()
            raise
        if perf_counter() - min(began, self._written_at) > SHARE * self._cost:
            self.write()

    def _run_piece(self, network, steps):
        """Run at most `steps`, and write if it is time to."""
        samplers = [sampler for file in self.files.values() for sampler in file.samplers]
        before, began = self._held(samplers), perf_counter()
        rate = sum(sampler.bytes_per_step for sampler in samplers)
        longest = max(1, int(BUFFER_BYTES / 4 / rate)) if rate else steps
        network.run(min(self._piece, longest, steps))
        now, held = perf_counter(), self._held(samplers)
        self._adapt(now - began, held - before)
        if held > BUFFER_BYTES / 2 or now - self._written_at > max(WRITE_SECONDS, SHARE * self._cost):
            self.write()

    @staticmethod
    def _held(samplers):
        return sum(sampler.bytes_held for sampler in samplers)

    def _adapt(self, elapsed, grown):
        """The number of spikes and events of a piece is known only afterwards: long pieces have to be earned."""
        if elapsed > 2 * PIECE_SECONDS or grown > BUFFER_BYTES / 4:
            self._piece = max(1, self._piece // 2)
        elif elapsed < PIECE_SECONDS and grown < BUFFER_BYTES / 8:
            self._piece *= 2

    def write(self):
        """Write all that has been recorded so far."""
        began = perf_counter()
        for file in self.files.values():
            file.write()
        self._written_at = perf_counter()
        self._cost = self._written_at - began

    def rewound(self):
        """The network is at step 0 again."""
        for file in self.files.values():
            file.written_step = 0

    def close(self):
        for file in self.files.values():
            file.close()

    def write_at_exit(self):
        # a forked process has the files of its parent open, but they are not its own
        if os.getpid() != self._process:
            return
        for file in self.files.values():
            try:
                file.close()
            except OSError as error:
                print(f"{file.path} ends at {file.stop} ms, since the rest cannot be written: {error}", file=sys.stderr)


def _write_at_exit(streams):
    if not _all_streams:
        # functions for `atexit` run when Python allows no new work for threads any more, which zarr needs
        getattr(threading, "_register_atexit", atexit.register)(_close_all)
    _all_streams.add(streams)


def _close_all():
    for streams in list(_all_streams):
        streams.write_at_exit()
