"""PyNN's own system scenarios for point neurons, run with this simulator: ``python -m tests.pynn_scenarios``.

They are taken from a folder that is given, or else from PyNN's source distribution, which pip fetches.
Each scenario runs once, whichever simulators it was written for: all of them in one process, in both orders, and each
in a process of its own.
"""

import argparse
import importlib.metadata
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# These need cells with a morphology.
MULTI_COMPARTMENT = ("test_mc.py", "test_scenario5.py")
QUIET = ("-q", "--no-header", "-p", "no:cacheprovider", "-p", "tests.pynn_scenarios", "-W", "ignore", "--tb=short")


def pytest_addoption(parser):
    parser.addoption("--reversed", action="store_true", help="run the last scenario first")


def pytest_collection_modifyitems(config, items):
    """Keep each scenario once, with this simulator instead of those it was declared for."""
    import pyurbanczik

    kept = {}
    for item in items:
        if item.path.name not in MULTI_COMPARTMENT and "sim" in item.fixturenames:
            item.callspec.params["sim"] = pyurbanczik
            kept.setdefault((item.path, item.originalname), item)
    items[:] = kept.values()
    if config.getoption("reversed"):
        items.reverse()


def fetch(folder):
    """Get PyNN's source distribution, of the version installed, and return its folder of scenarios."""
    version = importlib.metadata.version("PyNN")
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-binary", ":all:", "-d", folder, f"PyNN=={version}"], check=True)
    (archive,) = Path(folder).glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (scenarios,) = Path(folder).glob("*/test/system/scenarios")
    return scenarios


def pytest(scenarios, *arguments):
    """Run pytest in a process of its own, in a folder in which scenarios may write."""
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *QUIET, "--rootdir", scenarios, "-c", "/dev/null", *arguments],
            cwd=scratch,
            env=environment(),
            capture_output=True,
            text=True,
        )


def environment():
    """The environment of this process, in which the packages of this checkout are found."""
    import os

    here = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": here, "MPLBACKEND": "Agg"}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.pynn_scenarios", description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", help="PyNN's repository, or the folder of its scenarios")
    parser.add_argument("--together", action="store_true", help="only in one process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as download:
        scenarios = Path(options.folder).resolve() if options.folder else fetch(download)
        if (scenarios / "test").is_dir():
            scenarios = scenarios / "test" / "system" / "scenarios"
        failed = False
        for order in ((), ("--reversed",)):
            result = pytest(scenarios, str(scenarios), *order)
            print(result.stdout[-20000:] + result.stderr, flush=True)
            failed |= result.returncode != 0
        if not options.together:
            listed = pytest(scenarios, str(scenarios), "--collect-only").stdout.splitlines()
            names = [line for line in listed if "::" in line]
            bad = []
            for name in names:
                result = pytest(scenarios, str(scenarios / name.split("/")[-1]))
                if result.returncode:
                    bad.append(name)
                    print(result.stdout, flush=True)
            failed |= bool(bad)
            print(f"each in a process of its own: {len(names) - len(bad)} of {len(names)} passed")
        sys.exit(failed)


if __name__ == "__main__":
    main()
