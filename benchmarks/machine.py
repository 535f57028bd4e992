"""Where and with what a measurement was made, without names of hosts or paths."""

import importlib.metadata
import os
import platform
import re
from pathlib import Path

from backend_cython.engine import processor


def cpu_model():
    """Its name, and what tells generations of one name apart."""
    path = Path("/proc/cpuinfo")
    told = dict(re.findall(r"^(.+?)\s*:\s*(.+)$", path.read_text(), re.MULTILINE)) if path.exists() else {}
    name = told.get("model name", "").strip() or platform.processor() or platform.machine()
    return f"{name} (family {told['cpu family']}, model {told['model']})" if "cpu family" in told else name


def kind():
    """The kind of processor, as far as it matters here: its name, and the widest instructions that the core can use."""
    return f"{re.sub(r'[(](R|TM)[)]', '', cpu_model())} with {processor.SUPPORTED[-1]}"


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def resident_memory(most=False):
    """MB of this process that are in memory now, or at most since it began; None where that is not known."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    # that of `getrusage` is at least what the process had that started this one
    return int(re.search(rf"{'VmHWM' if most else 'VmRSS'}:\s*(\d+) kB", status.read_text()).group(1)) * 1.024e-3


def instructions():
    """What the core's loops are compiled for."""
    if processor.INSTRUCTIONS == "native":
        return "a build for this processor"
    return f"a build for any processor, which uses {processor.INSTRUCTIONS}"


def version(distribution):
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def description():
    packages = {
        "pyurbanczik": "pyurbanczik",
        "NEST": "nest-simulator",
        "numba": "numba",
        "NumPy": "numpy",
        "PyNN": "PyNN",
        "Neo": "neo",
        "Brian2": "brian2",
    }
    versions = [f"{name} {version(package)}" for name, package in packages.items() if version(package)]
    software = f"Python {platform.python_version()}, " + ", ".join(versions)
    return f"{cpu_model()}, {cores()} cores, {instructions()}; {software}"
