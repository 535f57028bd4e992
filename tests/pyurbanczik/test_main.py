"""python -m pyurbanczik script.py: scripts run as by the interpreter itself, with this simulator."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]
REPORT = "print(sim.__name__, sim.simulator.name)\n"


def run(folder, *arguments, code=None):
    """Run ``python -m pyurbanczik script.py arguments`` in `folder`, where script.py holds `code`."""
    if code is not None:
        (folder / "script.py").write_text(code)
        arguments = ("script.py", *arguments)
    return subprocess.run(
        [sys.executable, "-m", "pyurbanczik", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(HERE), "PATH": ""},
        capture_output=True,
        text=True,
    )


WAYS = {
    "get_simulator": "from pyNN.utility import get_simulator\nsim, options = get_simulator()\n",
    "script_tools": "from pyNN.utility.script_tools import get_simulator\nsim, options = get_simulator()\n",
    "get_script_args": "import importlib\nfrom pyNN.utility import get_script_args\n"
    "sim = importlib.import_module('pyNN.%s' % get_script_args(1)[0])\n",
}
FIXED_WAYS = {
    "import as": "import pyNN.nest as sim\n",
    "from import": "from pyNN import neuron as sim\n",
    "star": "from pyNN.brian2 import *\nimport sys\nsim = sys.modules[Population.__module__.split('.')[0]]\n",
    "__import__": "sim = __import__('pyNN.mock', None, None, ['Population'])\n",
    "exec": "exec('import pyNN.%s as sim' % 'nest')\n",
}


@pytest.mark.parametrize("arguments", [(), ("nest",), ("pyurbanczik",)])
@pytest.mark.parametrize("way", WAYS)
def test_a_script_that_wants_a_simulator_gets_this_one(tmp_path, way, arguments):
    result = run(tmp_path, *arguments, code=WAYS[way] + REPORT)
    assert result.stdout == "pyurbanczik pyurbanczik\n", result.stderr


@pytest.mark.parametrize("way", FIXED_WAYS)
def test_a_script_that_names_a_simulator_gets_this_one(tmp_path, way):
    result = run(tmp_path, code=FIXED_WAYS[way] + REPORT)
    assert result.stdout == "pyurbanczik pyurbanczik\n", result.stderr


OPTIONS = """
from pyNN.utility import get_simulator
sim, options = get_simulator(("n", "number of cells", {"type": int}), ("--plot", "plot", {"action": "store_true"}))
import sys
print(sim.__name__, options.n, options.plot, sys.argv)
"""


@pytest.mark.parametrize("arguments", [("5", "--plot"), ("--plot", "5"), ("nest", "5", "--plot")])
def test_options_of_get_simulator(tmp_path, arguments):
    result = run(tmp_path, *arguments, code=OPTIONS)
    assert result.stdout == f"pyurbanczik 5 True {['script.py', *arguments]!r}\n", result.stderr


def test_help_and_usage_of_the_script_are_its_own(tmp_path):
    result = run(tmp_path, "--help", code=OPTIONS)
    assert result.returncode == 0
    assert "number of cells" in result.stdout
    assert result.stdout.startswith("usage: script.py")
    result = run(tmp_path, code=OPTIONS)
    assert result.returncode == 2
    assert "required: n" in result.stderr


def test_other_arguments_of_get_script_args(tmp_path):
    code = "from pyNN.utility import get_script_args\nprint(get_script_args(2))\n"
    assert run(tmp_path, "nest", "7", code=code).stdout == "['nest', '7']\n"
    assert run(tmp_path, "7", code=code).stdout == "['pyurbanczik', '7']\n"
    assert run(tmp_path, "6", "7", code=code).stdout == "['6', '7']\n"


def test_the_script_is_the_main_program(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "helper.py").write_text("value = 3\n")
    (tmp_path / "elsewhere" / "script.py").write_text(
        "import helper, pickle, sys\n"
        "class Thing: pass\n"
        "assert type(pickle.loads(pickle.dumps(Thing()))) is Thing\n"
        "assert sys.modules['__main__'].Thing is Thing\n"
        "print(__name__, __file__, sys.argv, helper.value)\n"
    )
    result = run(tmp_path, "elsewhere/script.py", "a", "--b")
    assert result.stdout == "__main__ elsewhere/script.py ['elsewhere/script.py', 'a', '--b'] 3\n", result.stderr


@pytest.mark.parametrize("code, status", [("import sys; sys.exit(5)", 5), ("pass", 0), ("raise SystemExit('no')", 1)])
def test_exit_codes(tmp_path, code, status):
    assert run(tmp_path, code=code).returncode == status


def test_a_traceback_starts_in_the_script(tmp_path):
    result = run(tmp_path, code="def f():\n    return 1 / 0\nf()\n")
    plain = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == plain.returncode == 1
    assert result.stderr.replace(str(tmp_path) + "/", "") == plain.stderr.replace(str(tmp_path) + "/", "")


def test_a_script_that_does_not_compile(tmp_path):
    result = run(tmp_path, code="x = = 1\n")
    assert result.returncode == 1
    assert result.stderr.lstrip().startswith('File "script.py", line 1')
    assert "SyntaxError" in result.stderr


def test_help_of_the_runner(tmp_path):
    result = run(tmp_path, "--help")
    assert result.returncode == 0
    assert "python -m pyurbanczik" in result.stdout


@pytest.mark.parametrize("arguments, message", [((), "script"), (("none.py",), "cannot open 'none.py'")])
def test_without_a_script(tmp_path, arguments, message):
    result = run(tmp_path, *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "code", ["import pyNN.nest.cells", "import pyNN.nest.simulator", "import pyNN.no_such_simulator"]
)
def test_what_cannot_be_stood_in_for(tmp_path, code):
    result = run(tmp_path, code=code)
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stderr


def test_the_import_alone_makes_the_name_known_to_pynn():
    code = "import pyurbanczik, importlib; assert importlib.import_module('pyNN.pyurbanczik') is pyurbanczik"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(HERE), "PATH": ""})
