# Sillon: `make run` shows a whole night on the sample library, `make test` the tests. Nothing else is needed first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SPARK_BIN := .venv-spark/bin
SPARK_STAMP := .venv-spark/.installed
SPARK_TESTS ?= spark spark_large
EVALUATION ?=
LIBRARY ?=

.PHONY: setup run test test-spark bench-scale faults control-room check serve evaluate bench bench-full bench-requests bench-truth docs screenshots clean

setup: $(STAMP)                 ## the environment in .venv/, every package pinned by hash

$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: $(STAMP)                   ## the whole night on the sample library, against the sandbox
	SILLON_LIBRARY= $(BIN)/sillon run --sandbox --data data/demo  # the sample's, whatever is configured

test: $(STAMP)                  ## the tests, offline; the long ones: faults, control-room, test-spark
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Spark lives in an environment of its own, so that the one of `make test` stays what requirements.lock says.
$(SPARK_STAMP): requirements-spark.lock pyproject.toml
	test -x $(SPARK_BIN)/python || $(PYTHON) -m venv .venv-spark
	$(SPARK_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(SPARK_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

test-spark: $(SPARK_STAMP)      ## both engines, the same rows; SPARK_TESTS=spark leaves out the 50,000 albums; needs a Java 17
	for marker in $(SPARK_TESTS); do $(SPARK_BIN)/python -m pytest -m $$marker || exit 1; done  # Java keeps what it was started with

faults: $(STAMP)                ## the long form of the fault matrices; ends with how many faults were tried and lost
	$(BIN)/python -m pytest -m faults -n 2 --dist worksteal

control-room: $(STAMP)          ## the Dagster UI in a browser: the graph is drawn, a click materialises; needs chromium
	$(BIN)/python -m pytest -m control_room

check: $(STAMP)                 ## style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

evaluate: $(STAMP)              ## the beliefs measured on labelled files, beside the README's figures: `make evaluate EVALUATION=DIR`
	@test -n "$(EVALUATION)" || { echo "Say where the labelled files lie: make evaluate EVALUATION=DIR (docs/accuracy.md says which)" >&2; exit 2; }
	$(BIN)/sillon evaluate $(EVALUATION) --against README.md

bench: $(STAMP)                 ## how fast, how flat: the quick form, some five minutes; figures in build/bench/
	$(BIN)/python -m bench $(if $(LIBRARY),--library $(LIBRARY))

bench-full: $(STAMP)            ## the same up to a million albums and three million release groups; hours, 60 GB of disk
	$(BIN)/python -m bench --full $(if $(LIBRARY),--library $(LIBRARY))

bench-requests: $(STAMP)        ## what asking costs, at the real pace: `make bench-requests LIBRARY=path`, or the sample library
	$(BIN)/python -m bench.requests $(if $(LIBRARY),--library $(LIBRARY))

bench-truth: $(STAMP)           ## how often a night is right, against a catalogue made of the library: `make bench-truth LIBRARY=path`
	$(BIN)/python -m bench.truth $(LIBRARY)

bench-scale: $(SPARK_STAMP)     ## both engines at 10,000 and 100,000 albums: rows, bytes, seconds; figures in build/bench/scale.json
	$(SPARK_BIN)/python -m bench.scale

docs: $(STAMP)                  ## dbt's pages over the models, one file: build/docs/index.html; needs a first run
	$(BIN)/python docs/catalogue.py

screenshots: $(STAMP)           ## the pictures of the README, made anew; needs chromium and tmux
	$(BIN)/python docs/screenshots.py

serve: $(STAMP)                 ## the Dagster UI and the schedule
	$(BIN)/sillon serve

clean:                          ## what was built; never data/
	rm -rf .venv .venv-spark build dist .pytest_cache .ruff_cache .mypy_cache
