"""When recordings are written to files while a simulation runs: in memory that does not grow with its duration.

The files themselves are those of `zarr_store.py`.
"""

import atexit
import os
import shutil
import signal
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import Any

import numpy as np

from ..objects.copies import Lasting
from ..parameters import to_time
from ..parameters.hints import File
from .zarr_store import RecordingFile, check_zarr, failure

ENDING = ".zarr"
# What recorders may hold before it is written: half of it makes a write due, a piece of a run adds a quarter.
BUFFER_BYTES = 16 << 20
# Wall-clock times (s): how long a piece of a run should take, and after which time there is a write at the latest,
# unless the writing would take more than one part in SHARE of the time.
PIECE_SECONDS = 0.05
WRITE_SECONDS = 1.0
SHARE = 10

_all_files = weakref.WeakSet()


def is_recording_file(to_file: File | None) -> bool:
    """Whether `to_file` names a file that is written while the simulation runs."""
    return isinstance(to_file, str | os.PathLike) and os.fspath(to_file).rstrip(os.sep).endswith(ENDING)


def nearest_folder(path: Any) -> str:
    """The innermost folder of `path` that exists; those that are missing are made."""
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return folder


def check_folder(owner: str, path: Any) -> None:
    """Refuse a name under which there can be no file."""
    if os.path.isdir(path):
        raise IsADirectoryError(f"{owner}: {path} cannot be written, since it is a directory")
    if os.path.exists(path) and not os.path.isfile(path):
        raise FileExistsError(f"{owner}: {path} cannot be written, since it is no ordinary file")
    folder = nearest_folder(path)
    if not os.path.isdir(folder):
        raise NotADirectoryError(f"{owner}: {path} cannot be written, since {folder} is not a directory")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{owner}: {path} cannot be written, since {folder} is not writable")


class RecordingFiles(Lasting):
    """All files that a simulation records to as it runs. Without any, a run is a run of the network.

    A file is written by the process that made it. In one that was forked from that, everything stays in memory.

    Parameters
    ----------
    network : core network

    Attributes
    ----------
    run_by : int
        The process in which time passed last, or to which a saved state was loaded.
    """

    def __init__(self, network: Any) -> None:
        self.network = network
        self.files = {}
        self._recorders = []
        self._drained_step = network.step
        self._failed = {}  # the errors at the last attempt
        self._told = set()  # the files of which it has been said that they cannot be written
        self._piece = 8  # steps
        self._written_at = perf_counter()
        self._cost = 0.0
        self.run_by = os.getpid()

    # ---- files

    def check(self, owner: str, path: Any) -> str:
        """The absolute path of a file; refused if it cannot be written. Nothing has been created then."""
        owner = f"{owner}.to_file"
        check_zarr(owner)
        path = os.path.abspath(os.fspath(path))
        file = self.files.get(path)
        if file is not None and not file.is_own:
            raise FileExistsError(f"{owner}: {path} {file.whose}; choose another name")
        if file is None:
            if os.path.lexists(path):
                raise FileExistsError(
                    f"{owner}: {path} exists already, and recordings are not written over; remove it, or choose "
                    f"another name"
                )
            check_folder(owner, path)
        return path

    def add(self, owner: str, path: Any, recorder: Any, header: dict[str, Any], ends: dict[str, np.ndarray]) -> Any:
        """The part of a file (made if there is none) to which `recorder` writes, whenever it is asked to `drain`."""
        if path not in self.files:
            known = nearest_folder(path)
            try:
                self.files[path] = RecordingFile(path, self.network.timestep)
            except Exception as error:
                _remove_new(path, known)
                raise failure(f"{owner}.to_file: {path} cannot be written", error) from error
        member = self.files[path].add(header, ends)
        if recorder not in self._recorders:
            self._recorders.append(recorder)
        _write_at_exit(self)
        with suppress(OSError):
            # else it is tried again, and told then
            self.files[path].commit(self._stop)
        return member

    # ---- running and writing

    def run(self, steps: int) -> None:
        """Run `steps` in pieces, between which recordings are written if it is time to.

        Raises
        ------
        OSError
            If a file cannot be written, when that is noticed first. Everything stays in memory then and is written as
            soon as that is possible; the run can go on.

        Warns
        -----
        RuntimeWarning
            If a file is that of another process.
        """
        network = self.network
        for path, file in self.files.items():
            if not file.is_own:
                what = "what is recorded here stays in memory, where get_data() finds it"
                warnings.warn(f"{path} {file.whose}; {what}", RuntimeWarning, stacklevel=8)
        self.run_by = os.getpid()
        if not self.files:
            network.run(steps)
            return
        began, end = perf_counter(), network.step + steps
        try:
            while network.step < end:
                self._run_piece(end - network.step)
        except BaseException as error:
            # Ctrl-C leaves a file that holds all there is
            if not isinstance(error, OSError):
                self.flush()
            raise
        untold = self._failed.keys() - self._told
        if untold or perf_counter() - min(began, self._written_at) > SHARE * self._cost:
            self._flush_aloud()

    def _run_piece(self, steps):
        """Run at most `steps`, and write if it is time to."""
        before, began = self.bytes_held, perf_counter()
        rate = sum(recorder.bytes_per_step for recorder in self._recorders)
        longest = max(1, int(BUFFER_BYTES / 4 / rate)) if rate else steps
        self.network.run(min(self._piece, longest, steps))
        now, held = perf_counter(), self.bytes_held
        self._adapt(now - began, held - before)
        if held > BUFFER_BYTES / 2 or now - self._written_at > max(WRITE_SECONDS, SHARE * self._cost):
            self._flush_aloud()

    @property
    def bytes_held(self) -> int:
        """What the core holds of what goes to files."""
        return sum(recorder.bytes_held for recorder in self._recorders)

    def _adapt(self, elapsed, grown):
        """The number of spikes and events of a piece is known only afterwards: long pieces have to be earned."""
        if elapsed > 2 * PIECE_SECONDS or grown > BUFFER_BYTES / 4:
            self._piece = max(1, self._piece // 2)
        elif elapsed < PIECE_SECONDS and grown < BUFFER_BYTES / 8:
            self._piece *= 2

    def flush(self) -> dict[str, OSError]:
        """Write all that has been recorded so far; {path: OSError} of the files in which that is not possible, for
        which it stays in memory.
        """
        began, failed, network = perf_counter(), {}, self.network
        with uninterrupted():
            if network.step != self._drained_step:
                for recorder in self._recorders:
                    recorder.drain()
                self._drained_step = network.step
            for path, file in self.files.items():
                if not file.is_own:
                    continue
                try:
                    file.commit(self._stop)
                except OSError as error:
                    failed[path] = error
        self._failed = failed
        self._told &= failed.keys()
        self._written_at = perf_counter()
        self._cost = self._written_at - began
        return failed

    @property
    def _stop(self):
        """Up to which time the sinks have taken over what there is, ms."""
        return float(to_time(self._drained_step, self.network.timestep))

    def _flush_aloud(self):
        """`flush`, and raise the first error that has not been raised before."""
        failed = self.flush()
        new = failed.keys() - self._told
        self._told.update(new)
        if new:
            raise next(error for path, error in failed.items() if path in new)

    def rewound(self) -> None:
        """The network is at step 0 again."""
        self._drained_step = 0

    def restored(self) -> None:
        """The network is at another step, and recorders hold what was recorded up to it."""
        self._drained_step = None
        self.run_by = os.getpid()
        self.flush()

    # ---- ending

    def finish(self) -> dict[str, OSError]:
        """Write what there is, and how things are called now; {path: OSError} as for `flush`, and of the files of
        other processes that lack what was recorded here.
        """
        if not self.files:
            return {}
        for recorder in self._recorders:
            recorder.describe()
        failed = self.flush()
        for path, file in self.files.items():
            # what was there before the fork is written where time passed
            if not file.is_own and self.run_by != file.process and file.unwritten:
                failed[path] = failure(f"{path} cannot be written", PermissionError(f"it {file.whose}"))
        return failed

    def close(self) -> None:
        """`finish`, before another simulation begins: what cannot be written can still be read from memory."""
        for told in self._lacking():
            warnings.warn(told, RuntimeWarning, stacklevel=6)
        # there is nothing more to drain, and what they belong to may be gone when Python ends
        self._recorders.clear()

    def write_at_exit(self) -> None:
        for told in self._lacking():
            print(told, file=sys.stderr)

    def _lacking(self):
        """`finish`, and what there is to say of each file of this process that lacks something."""
        return [
            f"{path} ends at {self.files[path].stop} ms, since the rest cannot be written: {error.__cause__}"
            for path, error in self.finish().items()
            if self.files[path].is_own
        ]


def _remove_new(path, known):
    """Remove a file that could not be made, and the folders between it and `known`, which was there before."""
    shutil.rmtree(path, ignore_errors=True)
    folder = os.path.dirname(path)
    while folder != known:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = os.path.dirname(folder)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C is heard when the block has ended."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    heard = []
    signal.signal(signal.SIGINT, lambda *arguments: heard.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if heard:
        handler(*heard[-1])


def _write_at_exit(files):
    if not _all_files:
        # functions for `atexit` run when Python allows no new work for threads any more, which zarr needs
        getattr(threading, "_register_atexit", atexit.register)(_close_all)
    _all_files.add(files)


def _close_all():
    for files in list(_all_files):
        files.write_at_exit()
