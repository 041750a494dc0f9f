# Sillon: `make run` shows a whole night on the sample library, `make test` runs every test. Nothing else is needed first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
EVALUATION ?= ../shared/evaluation

.PHONY: setup run test check serve evaluate clean

setup: $(STAMP)                 ## the environment in .venv/, every package pinned by hash

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: $(STAMP)                   ## the whole night on the sample library, against the sandbox
	$(BIN)/sillon run --sandbox --data data/demo

test: $(STAMP)                  ## every test, offline
	$(BIN)/python -m pytest -n 2

check: $(STAMP)                 ## style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

evaluate: $(STAMP)              ## the beliefs measured on labelled files, beside the figures in the README; a drop fails
	$(BIN)/sillon evaluate $(EVALUATION) --against README.md

serve: $(STAMP)                 ## the Dagster UI and the schedule
	$(BIN)/sillon serve

clean:                          ## what was built; never data/
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache
