"""Random calls of everything public, found from the signatures."""

import inspect
import random
import re
import signal
import warnings

import numpy as np
from pyNN import errors

import pyurbanczik as sim

from .fuzz_values import GOOD, SPECIAL, Deferred, bad, near

# PyNN's own, which know nothing of this simulator, and what is for developers or would end the session
FOREIGN = {
    "AbstractRNG",
    "NumpyRNG",
    "GSLRNG",
    "NativeRNG",
    "RandomDistribution",
    "LazyArray",
    "ParameterSpace",
    "Sequence",
}
FOREIGN |= {"ArrayParameter", "Connector", "CSAConnector", "CloneConnector", "IndexBasedExpression"}
FOREIGN |= {"StandardCellType", "StandardCurrentSource"}
FOREIGN |= {
    "StandardSynapseType",
    "NativeCellType",
    "NativeElectrodeType",
    "NativeSynapseType",
    "do_without_mpi",
    "MapConnector",
    "FixedNumberConnector",
}
FOREIGN |= {"BetaPSR", "AlphaPSR", "ExpPSR"} | {name for name in dir(sim) if name.endswith("PostSynapticResponse")}
# which runs whole scripts, and is there once it has been asked for
FOREIGN |= {"compare"}
FUNCTIONS = [name for name in dir(sim) if not name.startswith("_") and name not in FOREIGN]
FUNCTIONS = [name for name in FUNCTIONS if callable(getattr(sim, name))]
OPERATORS = ("__getitem__", "__add__", "__iadd__", "__len__", "__iter__")
# Printing by PyNN's deprecated methods take anything.
SKIPPED = {
    "printSpikes",
    "print_v",
    "print_gsyn",
    "getSpikes",
    "get_v",
    "get_gsyn",
    "record_v",
    "record_gsyn",
}
SKIPPED |= {"printDelays", "printWeights", "weightHistogram", "randomizeDelays", "randomizeWeights"}
SKIPPED |= {"getSynapseDynamics", "setSynapseDynamics", "randomizeSynapseDynamics", "saveConnections"}
# which have the name of the parameter as an argument
SKIPPED |= {"tset", "rset"}
# Of models, for PyNN itself
SKIPPED |= {"translate", "reverse_translate", "set_native_parameters", "get_native_parameters", "get_schema", "source"}
SKIPPED |= {
    "has_parameter",
    "get_native_names",
    "computed_parameters",
    "computed_parameters_include",
    "scaled_parameters",
    "simple_parameters",
    "core",
}

EXPECTED = (ValueError, TypeError, KeyError, OSError, AttributeError, IndexError, RuntimeError, NotImplementedError)
EXPECTED += (
    errors.RecordingError,
    errors.ConnectionError,
    errors.InvalidParameterValueError,
    errors.NoModelAvailableError,
)
EXPECTED += (errors.NonExistentParameterError, errors.InvalidDimensionsError, errors.NothingToWriteError, MemoryError)
EXPECTED += (errors.InvalidWeightError, errors.NotLocalError)
UNEXPECTED = (UnboundLocalError, RecursionError)
# What the insides of Python and NumPy say.
LEAKS = re.compile(
    "list index out of range|could not broadcast|setting an array element|has no attribute '|not subscriptable"
    "|unsupported operand|object is not callable|is not iterable|must be real number|unhashable|truth value of an array"
    "|invalid literal|could not convert|cannot convert|zero-size array|only integer scalar|object cannot be interpreted"
    "|out of bounds|not supported between|has no len|too many indices|operands could not|ufunc|must be str"
    "|inhomogeneous"
    "|expected str|Mismatch|shape mismatch|too large to convert|not in list|is an invalid keyword"
    "|must be callable|index arrays|Cannot cast|descriptor|unpack|boolean index|Maximum allowed|float\\(\\) argument"
)


class Hang(BaseException):
    """A call took too long."""


def _alarm(*_):
    raise Hang


class Call:
    """One call: the method of an object (or a function of the simulator) and its arguments."""

    def __init__(self, target, method, arguments, keywords):
        self.target, self.method, self.arguments, self.keywords = target, method, arguments, keywords

    def __call__(self, world):
        owner = sim if self.target is None else world.objects[self.target]
        arguments = [made(value) for value in self.arguments]
        if self.method == "setattr":
            return setattr(owner, *arguments)
        return getattr(owner, self.method)(*arguments, **{name: made(value) for name, value in self.keywords.items()})

    def __repr__(self):
        arguments = [short(a) for a in self.arguments] + [f"{k}={short(v)}" for k, v in self.keywords.items()]
        return f"{self.target or 'sim'}.{self.method}({', '.join(arguments)})"


def made(value):
    return value.make() if isinstance(value, Deferred) else value


def short(value):
    try:
        return repr(value)[:60]
    except Exception:
        return f"<{type(value).__name__}>"


def methods_of(thing):
    names = [name for name in dir(type(thing)) if not name.startswith("_") and name not in SKIPPED]
    if isinstance(thing, int):
        names = [name for name in names if not hasattr(int, name)]
    static = {name: inspect.getattr_static(type(thing), name) for name in names}
    return [name for name in names if inspect.isroutine(static[name])] + [
        n for n in OPERATORS if hasattr(type(thing), n)
    ]


def model_parameters(thing, method):
    """{name: default} of what may be set by keyword."""
    thing = thing if not isinstance(thing, sim.Assembly) else thing.populations[0]
    if hasattr(type(thing), "as_tuple"):
        return {"weight": 0.1, "delay": 0.2, "eta": 0.1}
    model = getattr(thing, "celltype", None) or getattr(thing, "synapse_type", None) or thing
    if method in ("initialize", "set_initial_value"):
        return dict(getattr(model, "default_initial_values", {}))
    return dict(getattr(model, "default_parameters", {}))


class Source:
    """A stream of random calls.

    Parameters
    ----------
    seed : int
    world : World
    """

    def __init__(self, seed, world):
        self.rng, self.world = random.Random(seed), world

    def draw(self):
        """The next call. What it draws depends on the seed and on the world alone."""
        rng, world = self.rng, self.world
        if rng.random() < 0.2:
            target, method = None, rng.choice(FUNCTIONS)
            function = getattr(sim, method)
            if method == "setup":
                # one that is accepted would end everything
                names = [name for name in inspect.signature(function).parameters if name != "extra_params"]
                return Call(None, method, (), {rng.choice(names): rng.choice([-1.0, None, "text", float("nan"), [1]])})
        else:
            target = rng.choice(list(world.objects))
            thing = world.objects[target]
            settable = [*model_parameters(thing, "set"), "nonsense", "positions", "structure", "label"]
            if rng.random() < 0.15 and not isinstance(thing, (sim.Network,)):
                name = rng.choice(settable)
                return Call(target, "setattr", (name, self.value(name, thing, "set")), {})
            method = rng.choice(methods_of(thing))
            function = getattr(thing, method)
        return Call(target, method, *self.arguments(target, method, function))

    def arguments(self, target, method, function):
        rng, world = self.rng, self.world
        thing = world.objects.get(target)
        inner = inspect.unwrap(function)
        try:
            signature = inspect.signature(inner)
        except (TypeError, ValueError):
            return (), {}
        positional, keywords = [], {}
        chance = rng.choice([0.0, 0.2, 0.5])
        for parameter in signature.parameters.values():
            name = parameter.name
            if name == "self":
                continue
            if parameter.kind is parameter.VAR_KEYWORD:
                owner = thing if target else function
                if target is None and method in ("set", "initialize"):
                    owner = positional[0] if positional else keywords.get("cells")
                names = list(model_parameters(owner, method)) or ["nonsense"]
                for name in [
                    rng.choice([*names, rng.choice(names), "nonsense"]) for _ in range(rng.choice([0, 1, 2, 3]))
                ]:
                    keywords[name] = self.value(name, owner, method, chance)
            elif parameter.kind is parameter.VAR_POSITIONAL:
                positional.extend(self.argument(name, chance) for _ in range(rng.choice([1, 2])))
            elif parameter.kind is parameter.POSITIONAL_ONLY or method.startswith("__"):
                positional.append(self.argument(name, chance))
            elif parameter.default is parameter.empty or rng.random() < 0.4:
                keywords[name] = self.argument(name, chance)
        return tuple(positional), keywords

    def argument(self, name, chance):
        if self.rng.random() < chance or name not in GOOD:
            return bad(self.rng, self.world)
        return GOOD[name](self.rng, self.world)

    def value(self, name, thing, method, chance=0.5):
        rng, world = self.rng, self.world
        if rng.random() < chance:
            return bad(rng, world)
        if name in SPECIAL:
            return SPECIAL[name](rng, world)
        try:
            size = len(thing)
        except TypeError:
            size = 1
        return near(rng, world, model_parameters(thing, method).get(name), size)


def attempt(call, world, seconds=20):
    """Make a call: what it raised, or None."""
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with np.errstate(all="ignore"):
                call(world)
    except Hang:
        raise AssertionError(f"{call!r} hangs") from None
    except Exception as error:
        return error
    finally:
        signal.alarm(0)
    return None


def fault_of(error):
    """What is wrong with an exception; None if it is one that explains itself."""
    text = str(error)
    if isinstance(error, ZeroDivisionError) and "division by zero" in text:
        return None if getattr(error, "__traceback__", None) and _from_user(error) else "ZeroDivisionError"
    if isinstance(error, ImportError) and "pip install" in text:
        return None
    if not isinstance(error, EXPECTED) or isinstance(error, UNEXPECTED):
        return f"{type(error).__name__} is not expected: {text[:150]}"
    if not text or LEAKS.search(text):
        return f"{type(error).__name__} does not explain itself: {text[:150]}"
    return None


def _from_user(error):
    """Whether a function that was given as an argument raised it."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename.endswith("fuzz_values.py")
