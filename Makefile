# make demo   installs the package and grades the answers of docs/examples/rare_disease
# make test   runs the test suite
# Both create .venv themselves and need only python3 (3.11 or newer) and python3-venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
EXAMPLE := docs/examples/rare_disease
ARGS ?=

.PHONY: demo test coverage lint type bench clean
.DELETE_ON_ERROR:

# Exit status 3 says that some rows have no score: five answers of the example are not JSON, and
# one lacks the list of genes.
demo: $(VENV)/.package
	$(BIN)/grade run $(EXAMPLE)/grader.json $(EXAMPLE)/samples.jsonl --by quality || test $$? -eq 3

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

# Kernels are measured as plain Python, so every line of theirs counts.
coverage: export NUMBA_DISABLE_JIT = 1
coverage: $(VENV)/.dev
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage report --skip-covered --show-missing --include 'kernels/*' --fail-under 100
	$(BIN)/coverage report --skip-covered --show-missing --fail-under 95

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: $(VENV)/.dev
	$(BIN)/mypy --strict

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv* build dist *.egg-info kernels/*.egg-info .coverage .hypothesis .*_cache
	find graders kernels tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo 'python3-venv is missing: sudo apt install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.package: pyproject.toml | $(BIN)/pip
	$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/pip
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.package
