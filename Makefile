# `make` prints what each target does.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
VENV ?= .venv
# The package index, where it is not pip's own: make setup INDEX=<address of a simple index>
INDEX ?=
PIP_INDEX := $(if $(INDEX),--index-url $(INDEX))
# For `make constraints`: without a suffix, so that builds for CPU and for CUDA both satisfy it.
TORCH ?= 2.13.0
# What `make run` runs; any override can be given: make run TASK=boolean_reused ARGS="arch.hidden=[24,24]"
TASK ?= boolean_sep
SEEDS ?= 36
ARGS ?=
# The folder of a sweep, for `make collect` and `make slurm-status`
FOLDER ?=

BIN := $(VENV)/bin
# With bytecode, also where the environment forbids it: without, half of collecting the tests is compiling them. A process
# that has run out of tests takes half of those that another one still has: dealt out file by file, one idles at the end.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal
STAMP := $(VENV)/.installed
RUN := $(BIN)/python -m neural_sculpting.run
SOURCES := neural_sculpting hydra_plugins benchmarks docs experiments tests

EXPERIMENTS := exemplar reuse overlap hierarchy digits_pair digits_xor mnist_pair mnist_xor

.PHONY: help setup run test test-torch test-fast check audit format again benchmark controls precision random_hierarchies $(EXPERIMENTS) slurm-exemplar slurm-status collect slurm-node choosing dashboard docs figures wheel constraints clean

help:  ## print this help
	@grep -hE '^[a-z_-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "needs Python 3.11 or newer; name one with PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV), once: some minutes, most of them for torch"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_INDEX) -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(STAMP)  ## make a virtual environment with exact versions in .venv

run: $(STAMP)  ## sculpt 36 networks on boolean_sep (TASK=…, SEEDS=…, ARGS="…")
	$(RUN) -m task=$(TASK) 'seed=range($(SEEDS))' $(ARGS)

test: $(STAMP)  ## run the whole test suite
	$(PYTEST)

test-torch: $(STAMP)  ## the same as on a machine without a compiler, where torch trains everything
	CXX=no/compiler XDG_CACHE_HOME="$$(mktemp -d)" $(PYTEST)

test-fast: $(STAMP)  ## run the tests that take no whole sweeps: a minute or so
	$(PYTEST) -m "not slow" --hypothesis-profile=fast

check: $(STAMP) audit  ## format, lint, types and known vulnerabilities, without changing a file
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy

audit: $(STAMP)  ## look the dependencies up among the known vulnerabilities (a part of check)
	$(BIN)/python tests/dependency_audit.py constraints.txt

format: $(STAMP)  ## format the code and mend what the linter can mend
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

benchmark: $(STAMP)  ## measure the speed of the engine and of the whole process
	$(BIN)/python -m benchmarks.rounds
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.analysis
	$(BIN)/python -m benchmarks.vision
	$(BIN)/python -m benchmarks.commands process
	$(BIN)/python -m benchmarks.commands first_use
	$(BIN)/python -m benchmarks.commands tracking
	$(BIN)/python -m benchmarks.checkpoints

controls: $(STAMP)  ## compare boolean_sep with its controls (experiments/boolean_sep)
	$(BIN)/python -m experiments.boolean_sep --run

exemplar:  ## run or resume the paper's four exemplars, and refresh experiments/exemplar (ARGS="…")
reuse:  ## the same for the number of uses
overlap:  ## the same for shared inputs
hierarchy:  ## the same for sub-functions that build on each other
digits_pair:  ## the same for two small digits side by side
digits_xor:  ## the same for the exclusive or of two small digits
mnist_pair:  ## the same for two digits of MNIST (ARGS="task.source=<folder of IDX files>")
mnist_xor:  ## the same for the exclusive or of two digits of MNIST
$(EXPERIMENTS): $(STAMP)
	$(BIN)/python -m experiments.figures $@ --run $(ARGS)

slurm-exemplar: $(STAMP)  ## run the four exemplars as jobs of Slurm (ARGS="hydra.launcher.slurm.partition=… resume=true")
	$(RUN) -m experiment=exemplar hydra.launcher.executor=slurm $(ARGS)

slurm-status: $(STAMP)  ## say what of the newest sweep is finished, runs, waits or has failed (FOLDER=…)
	@$(BIN)/python -m neural_sculpting.status $(FOLDER)

collect: $(STAMP)  ## write the tables of what a sweep has finished, also while it runs (FOLDER=…)
	@test -n "$(FOLDER)" || { echo "say which: make collect FOLDER=multirun_outputs/…" >&2; exit 1; }
	$(BIN)/python -m neural_sculpting.collect $(FOLDER)

slurm-node:  ## install and start a Slurm of one node on the loopback address, for tests; needs root on Debian
	tests/cluster/slurm_node.sh install
	tests/cluster/slurm_node.sh start

choosing: $(STAMP)  ## compare rules of choosing among a trial's networks (experiments/choosing)
	$(BIN)/python -m experiments.choosing --run

dashboard: $(STAMP)  ## create a dashboard on Weights & Biases (PROJECT=entity/project)
	$(BIN)/python -m neural_sculpting.dashboard $(PROJECT)

precision: $(STAMP)  ## compare fp32 and bf16 on the same trials (experiments/precision)
	$(BIN)/python -m experiments.precision --run

random_hierarchies: $(STAMP)  ## look for random hierarchies (experiments/random_hierarchies)
	$(BIN)/python -m experiments.random_hierarchies --run

again: $(STAMP)  ## compute a random 5 % of the stored trials of experiments again, and compare (ARGS="--share 0.01")
	$(BIN)/python -m experiments.again $(ARGS)

docs: $(STAMP)  ## build the documentation site in build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

figures: $(STAMP)  ## draw the tables and figures of these experiments anew, without training
	$(BIN)/python -m experiments.figures

wheel: $(STAMP)  ## build a wheel and a source distribution in dist/
	$(BIN)/python -m build --no-isolation

constraints:  ## write constraints.txt anew from the ranges in pyproject.toml
	rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_INDEX) torch==$(TORCH) '.[dev]'
	build/constraints/bin/python -m pip freeze --exclude neural-sculpting | \
	    grep -vE '^(nvidia|cuda|triton)' | sed 's/+c.*$$//' > constraints.txt

clean:  ## remove what was built; results in multirun_outputs stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
