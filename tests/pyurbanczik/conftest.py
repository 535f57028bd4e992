import gc

import pytest

import pyurbanczik
from pyurbanczik.storage import flushing, zarr_arrays, zarr_store


@pytest.fixture
def sim():
    """The simulator, freshly set up with a time step of 0.1 ms."""
    pyurbanczik.setup(timestep=0.1)
    return pyurbanczik


@pytest.fixture
def zarr():
    return pytest.importorskip("zarr")


@pytest.fixture
def path(tmp_path, zarr):
    return tmp_path / "run.zarr"


@pytest.fixture
def small_pieces(monkeypatch):
    """Buffers, chunks and tables that do not hold even these short runs."""
    monkeypatch.setattr(flushing, "BUFFER_BYTES", 20000)
    monkeypatch.setattr(zarr_store, "CHUNK_ROWS_BYTES", 5000)
    monkeypatch.setattr(zarr_store, "CHUNK", 64)
    monkeypatch.setattr(zarr_arrays, "KEPT_ROWS", 20)
    monkeypatch.setattr(zarr_arrays, "SCANNED_ROWS", 16)


@pytest.fixture
def uncollected():
    """Without the garbage collector: what is freed then is freed at once."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
