# `make run` and `make test` need nothing but Python 3.11 or later, with venv and pip.
PYTHON ?= python3
BIN := .venv/bin
# Compiling every module of every package takes longer than all else; Python compiles the few that are imported.
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check
# A file's tests stay together, so that what they share is made once; each process loads the models for itself. Files
# are taken in their order: by number of tests, the slow files, which have few, would come last and leave a core idle.
SPREAD := --numprocesses 2 --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help
.PHONY: help run test test-llm test-milvus test-ray test-image test-other check coverage format docs platforms licences audit sbom

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

docs: .venv/installed-dev ## build the documentation in both languages into site/
	$(BIN)/python docs/reference.py
	$(BIN)/mkdocs build --quiet --strict
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.ko.yml

test-milvus: .venv/installed-dev ## run the tests of an index in a Milvus server
	$(BIN)/python -m pytest -m milvus

test-ray: .venv/installed-dev ## run the tests of indexing on Ray
	$(BIN)/python -m pytest -m ray

test-image: .venv/installed-dev ## build the image, with Docker or by its steps, and start it
	$(BIN)/python -m pytest -m slow tests/deploy

# Without torch, which takes longer to fetch than these tests take, and without a browser.
OTHER_PYTHON ?= python3.13
OTHER_MARKS := not llm and not slow and not milvus and not ray and not embedding and not browser
OTHER_TESTS ?= tests/text tests/notes tests/index tests/search tests/answering
.venv-other/installed: pyproject.toml
	test -x .venv-other/bin/python || $(OTHER_PYTHON) -m venv .venv-other
	.venv-other/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --editable . \
		'bm25s>=0.3.16,<0.4' 'hypothesis>=6.155,<7' 'pytest>=9,<10' 'pytest-timeout>=2.4,<3' 'pytest-xdist>=3.8,<4'
	touch $@

test-other: export OMP_NUM_THREADS := 1
test-other: .venv-other/installed ## run tests on another version of Python: OTHER_PYTHON=python3.13
	.venv-other/bin/python -m pytest $(SPREAD) -m '$(OTHER_MARKS)' $(OTHER_TESTS)

check: .venv/installed-dev ## format, lint, types and tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test MEASURED="$(MEASURED)"

# Watching every line makes the tests take a fifth longer.
coverage: ## what check does, and how much of assistant/ the tests reach, as CI runs it
	$(MAKE) check MEASURED=--cov

# What a release is looked at with stands apart from what it looks at.
.tools/installed: Makefile
	test -x .tools/bin/python || $(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7,<8' 'pip-audit>=2.10,<3' 'uv>=0.9,<1'
	touch $@

platforms: .tools/installed ## tell where every dependency installs without a compiler, in docs/platforms.md
	.tools/bin/python .ci/platforms.py

licences: .venv/installed-dev ## list the licences of packages and models in docs/licences.md
	$(BIN)/python .ci/licences.py

# Strict, so that a package that could not be looked up counts as one with a finding.
audit: .tools/installed ## look for known vulnerabilities of all that can be installed
	.tools/bin/uv pip compile --quiet --no-header --no-annotate --all-extras pyproject.toml --output-file .tools/audited.txt
	.tools/bin/pip-audit --strict --no-deps --disable-pip --requirement .tools/audited.txt

sbom: .tools/installed ## install the package by itself and list its parts in dist/sbom.json
	rm -rf .tools/package
	$(PYTHON) -m venv .tools/package
	.tools/package/bin/python -m pip install --quiet --no-compile --disable-pip-version-check .
	mkdir -p dist
	.tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.json .tools/package
