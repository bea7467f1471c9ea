# `make run` and `make test` need nothing but Python 3.11 or later, with venv and pip.
PYTHON ?= python3
BIN := .venv/bin
# Compiling every module of every package takes longer than all else; Python compiles the few that are imported.
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
# A file's tests stay together, so that what they share is made once; each process loads the models for itself. Files
# are taken in their order: by number of tests, the slow files, which have few, would come last and leave a core idle.
SPREAD := --numprocesses 2 --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help
.PHONY: help run test test-llm test-milvus test-ray check coverage format

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# The stamps record a finished install, so that an interrupted one is done again.
.venv/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) --editable '.[dev]'
	touch $@

run: .venv/installed ## set up, index corpus/ and open the page
	$(BIN)/assistant models pull multilingual-e5-small
	$(BIN)/assistant index
	$(BIN)/assistant serve --pull --open

# One thread for each process: threads of two processes on two cores wait for each other.
test: export OMP_NUM_THREADS := 1
test: .venv/installed-dev ## set up and run the tests
	$(BIN)/assistant models pull multilingual-e5-small
	$(BIN)/python -m pytest $(SPREAD) $(MEASURED)

test-llm: .venv/installed-dev ## run the tests that need the real language model
	$(BIN)/assistant models pull multilingual-e5-small
	$(BIN)/assistant models pull qwen2.5-coder-1.5b
	$(BIN)/python -m pytest -m llm

format: .venv/installed-dev ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-milvus: .venv/installed-dev ## run the tests of an index in a Milvus server
	$(BIN)/python -m pytest -m milvus

test-ray: .venv/installed-dev ## run the tests of indexing on Ray
	$(BIN)/python -m pytest -m ray

check: .venv/installed-dev ## format, lint, types and tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test MEASURED="$(MEASURED)"

# Watching every line makes the tests take a fifth longer.
coverage: ## what check does, and how much of assistant/ the tests reach, as CI runs it
	$(MAKE) check MEASURED=--cov
