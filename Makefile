# Two commands are enough for a newcomer:  make demo   and   make test.
# Each creates .venv if it is missing and installs what it needs there; nothing is written elsewhere except results/.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
PYTHON_HERE = $(CURDIR)/$(BIN)/python
SANITIZED := build/sanitized
SOURCES := $(shell find backend_cython -name '*.pyx' -o -name '*.pxd') setup.py pyproject.toml

# Caches of pip and matplotlib belong to the environment, so that everything also works without a home directory.
export XDG_CACHE_HOME := $(CURDIR)/$(VENV)/cache
export MPLCONFIGDIR   := $(CURDIR)/$(VENV)/cache/matplotlib
export MPLBACKEND     := Agg

.PHONY: help demo test sanitize fuzz validation statistics scenarios bench lint docs clean
.DELETE_ON_ERROR:

help:
	@echo "make demo        the experiment of Urbanczik & Senn (2014), Fig. 1B, with figures in results/"
	@echo "make test        unit tests and comparisons with NEST and with theory"
	@echo "make sanitize    the core's tests, watched for faults of memory and undefined behaviour"
	@echo "make fuzz        100 000 random calls of everything public, of which \`make test\` makes 1500"
	@echo "make validation  the comparisons only          make statistics  the statistical ones only"
	@echo "make scenarios   PyNN's own system scenarios, which are downloaded"
	@echo "make bench       speed beside its peers        make lint        ruff, cython-lint and mypy"
	@echo "make docs        HTML documentation            make clean       remove everything that was built"

demo: $(VENV)/.demo
	$(BIN)/python examples/urbanczik_senn_2014_fig1b.py

test: $(VENV)/.test $(VENV)/.nest
	$(BIN)/python -m pytest -n auto

fuzz: $(VENV)/.test
	PYURBANCZIK_FUZZ_CALLS=$${PYURBANCZIK_FUZZ_CALLS:-100000} $(BIN)/python -m pytest -q -n auto tests/pyurbanczik/test_refusals.py

validation: $(VENV)/.test $(VENV)/.nest
	$(BIN)/python -m pytest -m "validation or statistics"

statistics: $(VENV)/.test $(VENV)/.nest
	$(BIN)/python -m pytest -m statistics

# The core's tests with gcc's sanitizers, in a copy of the sources with a build of its own. The interpreter itself is built
# without, so that their libraries have to be loaded before it.
sanitize: $(VENV)/.sanitize
	mkdir -p $(SANITIZED)
	rm -rf $(SANITIZED)/tests
	find $(SANITIZED) -name '*.py[xd]' -delete
	tar -c --exclude='*.so' --exclude=__pycache__ setup.py pyproject.toml README.md LICENSE backend_cython tests \
	    | tar -x -C $(SANITIZED)
	cd $(SANITIZED) && PYURBANCZIK_SANITIZE=address,undefined $(PYTHON_HERE) setup.py -q build_ext --inplace
	cd $(SANITIZED) && LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
	    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc PYTHONPATH=. \
	    $(PYTHON_HERE) -m pytest -q -n auto --capture=sys -p no:cacheprovider tests/backend_cython

scenarios: $(VENV)/.test
	$(BIN)/python -m tests.pynn_scenarios

bench: $(VENV)/.bench $(VENV)/.nest
	$(BIN)/python -m benchmarks

lint: $(VENV)/.lint
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint backend_cython
	$(BIN)/python -m mypy --cache-dir=/dev/null

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -q -W docs docs/_build/html

clean:
	rm -rf $(VENV) build dist results docs/_build docs/gallery docs/learn *.egg-info
	find backend_cython -name '*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamp files say what the environment already holds.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo:  EXTRAS = plot
$(VENV)/.test:  EXTRAS = test,files,progress,compare,examples
$(VENV)/.bench: EXTRAS = bench
$(VENV)/.docs:  EXTRAS = docs
$(VENV)/.demo $(VENV)/.test $(VENV)/.bench $(VENV)/.docs: $(SOURCES) | $(BIN)/python
	@echo "installing pyurbanczik into $(VENV) and compiling its core ..."
	$(PIP) install --editable ".[$(EXTRAS)]"
	@touch $@

$(VENV)/.sanitize: | $(VENV)/.test
	$(PIP) install "Cython>=3.1" "setuptools>=77"
	@touch $@

$(VENV)/.lint: pyproject.toml | $(BIN)/python
	$(PIP) install ruff cython-lint mypy
	@touch $@

# NEST has no wheel for every platform; the tests and benchmarks that compare with it are skipped without it.
$(VENV)/.nest: | $(BIN)/python
	@$(PIP) install --only-binary nest-simulator "nest-simulator>=3.10" \
	    || echo "NEST could not be installed: comparisons with it will be skipped"
	@touch $@
