# Every command does its own set-up, and is quick the second time. Needed: Python >= 3.11, git, make, a package index.
# The first Python that runs and is new enough; a shim that only complains is passed over.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1 && { echo $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN ?= -m pytest
ARGS ?=
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help demo test matrix lint format coverage docs golden lock setup clean

help:  ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup  ## Watch an agent being created, validated, tested, load-tested and judged
	@$(BIN)/python docs/demo.py

test: setup  ## Run all tests but the matrix; what this machine cannot run is skipped and listed at the end
	@$(BIN)/python $(RUN) $(ARGS) || { code=$$?; [ $$code -ne 5 ] || echo "no test was collected" >&2; exit $$code; }

lint: setup  ## Style, formatting, types, layers, and whether docs/ is up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

format: setup  ## Mend style and formatting where that is safe
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

matrix: setup  ## Run the projects' own tests, types and verdicts for every value of the templates' options (an hour)
	@$(BIN)/python $(RUN) -m matrix $(ARGS)

coverage: setup  ## Run all tests and show which lines they miss (at most 10 %)
	rm -f .coverage .coverage.*
	@$(MAKE) test RUN="-m coverage run -m pytest"; tested=$$?; \
		$(BIN)/python -m coverage combine --quiet && $(BIN)/python -m coverage report && exit $$tested

docs: setup  ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

golden: setup  ## Write tests/golden anew; read the difference before committing it
	$(BIN)/python -m pytest -q --update-golden tests

lock:  ## Write requirements/dev.txt anew (needs uv)
	uv pip compile $(LOCK) --upgrade --extra dev pyproject.toml --output-file requirements/dev.txt

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -qq --require-hashes --requirement requirements/dev.txt
	$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

clean:  ## Remove what was made
	rm -rf $(VENV) .cache dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
