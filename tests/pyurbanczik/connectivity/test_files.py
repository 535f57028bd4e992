"""What Projection.save writes, FromFileConnector reads."""

import functools
import io
import tempfile

import numpy as np
import pytest
from pyNN import connectors as plain
from pyNN import errors
from pyNN.random import NumpyRNG
from pyNN.recording import files


@pytest.fixture
def cells(sim):
    return sim.Population(4, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())


def short_term(sim, **parameters):
    return sim.TsodyksMarkramSynapse(weight=0.1, delay=0.5, **parameters)


@pytest.fixture
def projection(sim, cells):
    rng = NumpyRNG(seed=3)
    synapse = sim.TsodyksMarkramSynapse(
        weight=sim.RandomDistribution("uniform", (0.1, 1.0), rng=rng),
        delay=sim.RandomDistribution("uniform", (0.1, 3.0), rng=rng),
        U=sim.RandomDistribution("uniform", (0.1, 0.9), rng=rng),
        tau_rec=sim.RandomDistribution("uniform", (10.0, 90.0), rng=rng),
        tau_facil=0.0,
    )
    # several connections between the same two cells among them
    return sim.Projection(*cells, sim.FixedNumberPreConnector(9, with_replacement=True, rng=rng), synapse)


def pynn(kind, mode):
    return lambda path: kind(str(path), mode)


FILES = {
    "a name": (str, str),
    "a path": (lambda path: path, lambda path: path),
    "an open file": (lambda path: path.open("w"), lambda path: path.open()),
    "a text file": (pynn(files.StandardTextFile, "w"), pynn(files.StandardTextFile, "r")),
    "a pickle": (pynn(files.PickleFile, "wb"), pynn(files.PickleFile, "rb")),
    "an archive": (pynn(files.NumpyBinaryFile, "wb"), pynn(files.NumpyBinaryFile, "rb")),
}
ATTRIBUTES = [
    "weight", "delay", "U", "all", "connections", ["weight"], ["tau_rec", "weight"], ("delay", "U", "weight", "tau_rec")
]  # fmt: skip


@pytest.mark.parametrize("attributes", ATTRIBUTES, ids=str)
@pytest.mark.parametrize("kind", FILES)
def test_a_list_makes_the_same_connections_again(sim, cells, projection, tmp_path, kind, attributes):
    to_write, to_read = (make(tmp_path / "connections") for make in (FILES[kind][0], lambda path: path))
    projection.save(attributes, to_write)
    if kind == "an open file":
        to_write.close()
    names = [attributes] if isinstance(attributes, str) else list(attributes)
    if names[0] in ("all", "connections"):
        names = list(projection.synapse_type.get_parameter_names())
    connector = sim.FromFileConnector(FILES[kind][1](to_read))
    # a connector may be used again
    for _ in range(2):
        again = sim.Projection(*cells, connector, short_term(sim))
        assert again.get(names, "list") == projection.get(names, "list")


BOTH_WAYS = {
    f"{kind.__name__} {write} {read}": (pynn(kind, write), pynn(kind, read))
    for kind in (files.StandardTextFile, files.PickleFile, files.NumpyBinaryFile)
    for write in ("w", "wb")
    for read in ("r", "rb")
}


@pytest.mark.parametrize("kind", BOTH_WAYS)
def test_files_of_pynn_opened_as_text_or_not(sim, cells, projection, tmp_path, kind):
    to_write, to_read = BOTH_WAYS[kind]
    path = tmp_path / "connections"
    projection.save(["weight", "delay"], to_write(path))
    again = sim.Projection(*cells, sim.FromFileConnector(to_read(path)), short_term(sim))
    assert again.get(["weight", "delay"], "list") == projection.get(["weight", "delay"], "list")
    cells[0].save_positions(to_write(tmp_path / "positions"))
    assert (tmp_path / "positions").stat().st_size
    for save in (lambda file: projection.save("weight", file), cells[0].save_positions):
        with pytest.raises(errors.InvalidParameterValueError, match=r"file: .* with the mode 'rb?', .* for writing"):
            save(to_read(path))
    with pytest.raises(errors.InvalidParameterValueError, match=r"file: .* with the mode 'wb?', .* for reading"):
        sim.Projection(*cells, sim.FromFileConnector(to_write(path)), short_term(sim))


def test_positions_in_a_text_file_that_is_open(cells, tmp_path):
    with open(tmp_path / "positions", "w") as file:
        cells[0].save_positions(file)
        assert not file.closed
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "positions")[:, 1:], cells[0].positions.T)


def test_nothing_to_save(projection, tmp_path):
    for format in ("list", "array"):
        with pytest.raises(errors.InvalidParameterValueError, match=r"Projection\.save\.attribute_names: \[\]"):
            projection.save([], tmp_path / "table", format=format, with_address=False)
    projection.save([], tmp_path / "table")
    assert np.loadtxt(tmp_path / "table").shape == (len(projection), 2)


def test_files_that_are_no_files(sim, cells, projection):
    for make in (io.StringIO, functools.partial(tempfile.TemporaryFile, "w+")):
        file = make()
        projection.save(["weight", "delay"], file)
        again = sim.Projection(*cells, sim.FromFileConnector(file), short_term(sim))
        assert again.get(["weight", "delay"], "list") == projection.get(["weight", "delay"], "list")
        file.close()
        with pytest.raises(errors.InvalidParameterValueError, match=r"FromFileConnector\.file: .*closed"):
            sim.Projection(*cells, sim.FromFileConnector(file), short_term(sim))


def test_addresses_by_their_long_names(sim, cells, projection, tmp_path):
    names = ["weight", "postsynaptic_index", "presynaptic_index"]
    for with_address in (True, False):
        projection.save(names, tmp_path / "table", with_address=with_address)
        again = sim.Projection(*cells, sim.FromFileConnector(tmp_path / "table"), short_term(sim))
        assert again.get("weight", "list") == projection.get("weight", "list")


def test_the_connector_of_pynn_reads_it_as_well(sim, cells, projection, tmp_path):
    path = str(tmp_path / "connections")
    projection.save(["weight", "delay"], path)
    again = sim.Projection(*cells, plain.FromFileConnector(path), short_term(sim))
    assert again.get(["weight", "delay"], "list") == projection.get(["weight", "delay"], "list")


def test_no_connections_at_all(sim, cells, tmp_path):
    nothing = sim.Projection(*cells, sim.FixedProbabilityConnector(0.0), short_term(sim))
    nothing.save("all", tmp_path / "table")
    assert len(sim.Projection(*cells, sim.FromFileConnector(tmp_path / "table"), short_term(sim))) == 0


def test_arrays(sim, projection, tmp_path):
    projection.save("weight", tmp_path / "one", format="array")
    expected = np.nan_to_num(projection.get("weight", "array"))
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "one"), expected)
    projection.save(["weight", "delay"], tmp_path / "two", format="array")
    expected = np.concatenate([np.nan_to_num(matrix) for matrix in projection.get(["weight", "delay"], "array")])
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "two"), expected)


def test_values_alone(sim, projection, tmp_path):
    projection.save("weight", tmp_path / "one", with_address=False)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "one"), projection.get("weight", "list", with_address=False))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"format": "array"}, "arrays"), ({"with_address": False}, "indices i and j of cells")],
)
def test_what_is_no_list_of_connections(sim, cells, projection, tmp_path, arguments, message):
    projection.save("weight", tmp_path / "table", **arguments)
    with pytest.raises(errors.InvalidParameterValueError, match=rf"FromFileConnector\.file: .*table.*{message}"):
        sim.Projection(*cells, sim.FromFileConnector(tmp_path / "table"), short_term(sim))


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("0 1 0.5\n", errors.InvalidParameterValueError, "3 columns without names"),
        ("# columns = ['i', 'j']\n0 1 0.5\n", errors.InvalidParameterValueError, "3 columns and the names"),
        ("# columns = ['i', 'weight', 'delay']\n0 1 2\n", errors.InvalidParameterValueError, "indices i and j"),
        ("# columns = weight\n0 1 0.5\n", errors.InvalidParameterValueError, "weight"),
        ("0 one\n", errors.InvalidParameterValueError, "one"),
        ("0 1\n0 1 2\n", errors.InvalidParameterValueError, "columns"),
        ("0 7\n", errors.ConnectionError, "postsynaptic index 7 is not allowed; it must be an integer from 0 to 2"),
        ("0.5 1\n", errors.ConnectionError, "presynaptic index 0.5"),
        ("nan 1\n", errors.ConnectionError, "presynaptic index nan"),
    ],
)
def test_wrong_contents(sim, cells, tmp_path, text, error, message):
    path = tmp_path / "table"
    path.write_text(text)
    with pytest.raises(error, match=rf"FromFileConnector\.file: .*{message}"):
        sim.Projection(*cells, sim.FromFileConnector(str(path)), short_term(sim))


def test_columns_without_names(sim, cells, tmp_path):
    path = tmp_path / "table"
    path.write_text("0 1 0.25 0.7\n")
    assert sim.Projection(*cells, sim.FromFileConnector(path), short_term(sim)).get(["weight", "delay"], "list") == [
        (0, 1, 0.25, 0.7)
    ]
    path.write_text("# columns = ('weight', 'U')\n2 1 0.25 0.7\n")
    assert sim.Projection(*cells, sim.FromFileConnector(path), short_term(sim)).get(["weight", "U"], "list") == [
        (2, 1, 0.25, 0.7)
    ]
    path.write_text("3 2\n")
    assert sim.Projection(*cells, sim.FromFileConnector(path), short_term(sim)).get("weight", "list") == [(3, 2, 0.1)]


def test_a_file_that_is_not_there(sim, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        sim.FromFileConnector(str(tmp_path / "nowhere"))


def test_distributed_files_are_read_and_left(sim, cells, tmp_path):
    (tmp_path / "table.0").write_text("# columns = ['i', 'j', 'weight']\n0 1 0.5\n")
    (tmp_path / "table").write_text("left")
    for name in (str(tmp_path / "table"), tmp_path / "table"):
        found = sim.Projection(*cells, sim.FromFileConnector(name, distributed=True), short_term(sim))
        assert found.get("weight", "list") == [(0, 1, 0.5)]
    assert (tmp_path / "table").read_text() == "left"


@pytest.mark.parametrize("file", [None, 1, b"name", ["name"]])
def test_files_that_cannot_be_written(sim, projection, file):
    with pytest.raises(errors.InvalidParameterValueError, match=r"Projection\.save\.file"):
        projection.save("weight", file)


def test_a_refused_save_leaves_the_file(sim, projection, tmp_path):
    path = tmp_path / "table"
    path.write_text("left")
    with pytest.raises(errors.NonExistentParameterError, match="wieght"):
        projection.save("wieght", path)
    with pytest.raises(errors.InvalidParameterValueError, match="format"):
        projection.save("weight", path, format="lists")
    assert path.read_text() == "left"
    with pytest.raises(OSError, match=r"[Ii]s a directory"):
        projection.save("weight", tmp_path)
