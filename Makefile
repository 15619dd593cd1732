# Two commands: `make demo` runs the real job on embedded defaults, `make test` runs the tests.
# Needs Python 3.11, 3.12 or 3.13 and make; everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXIT ?=
SEED ?= 1
MUTANTS ?= 2000
ONLY ?=
BENCH ?=
SIZES ?=

.PHONY: demo test lint unit test-long test-distributed soak bench fuzz mutants faults screenshots lock clean

demo: $(VENV)/.installed
	$(BIN)/python -m storeday.demo $(if $(EXIT),--exit)

test: lint unit

lint: $(VENV)/.installed-for-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: $(VENV)/.installed-for-tests
	$(BIN)/pytest -n auto --dist loadfile --ignore=tests/live --ignore=tests/distributed
	$(BIN)/pytest --durations=10 tests/live

# The live tests with those that take minutes each: workers and schedulers killed, approval, alerts. CI runs them in `make test`.
test-long: $(VENV)/.installed-for-tests
	STOREDAY_LONG=1 $(BIN)/pytest --durations=10 tests/live

# docker-compose.yaml as processes: the demo's week through two Celery workers, PostgreSQL, Redis and an object store, one worker
# killed in the middle, held to truth.json and to the embedded run byte for byte; and the image's steps in a clean environment.
test-distributed: $(VENV)/.installed-for-tests
	$(BIN)/pytest -s --durations=5 tests/distributed

# Every write of a run broken, one after the other: killed there, or the disk full from there on. Prints a table.
faults: $(VENV)/.installed-for-tests
	STOREDAY_FAULT_STRIDE=1 $(BIN)/pytest -n auto --timeout 7200 tests/faults/test_stepping.py

# 60 trading days of five stores in which everything goes wrong, and whether Sage has every sale once: tests/soak.
soak: $(VENV)/.installed-for-tests
	rm -rf .soak
	PYTHONPATH=tests:tests/bench:tests/faults $(BIN)/python tests/soak/soak.py --in .soak --seed $(SEED)

# Spoilt files of every feed, and what becomes of each: tests/fuzz. Those that are faults are kept in .fuzz.
fuzz: $(VENV)/.installed-for-tests
	rm -rf .fuzz
	PYTHONPATH=tests $(BIN)/python tests/fuzz/fuzz.py --mutants $(MUTANTS) --seed $(SEED)

# What everything takes, written to docs/benchmarks.md: an hour or more. BENCH='stages sftp' for some parts, SIZES='1 10 100'
# for chains of other sizes. Wants OpenSSH's server (openssh-server) for sftp.
bench: $(VENV)/.installed-for-bench
	PYTHONPATH=tests $(BIN)/python tests/bench/measure_all.py --part $(BENCH) --stores $(SIZES) --in .bench

# Whether the tests of the postings can fail: see tests/mutants.sh. An hour or more; ONLY='*uk_journal*' for some.
mutants: $(VENV)/.installed-for-tests
	$(BIN)/python -m pip install --disable-pip-version-check --quiet mutmut==3.8.1
	PATH="$(CURDIR)/$(BIN):$$PATH" ONLY="$(ONLY)" sh tests/mutants.sh

# The pictures in docs/, taken from the real web UI of a demo of its own; wants Chromium.
screenshots: $(VENV)/.installed-for-tests
	$(BIN)/python docs/take_pictures.py
	STOREDAY_LONG=1 STOREDAY_PICTURES=docs/pictures $(BIN)/pytest tests/live/test_approving.py -k browser

lock: $(VENV)/.installed-for-tests
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url requirements.in -o requirements.txt
	cd tests && $(abspath $(BIN))/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url requirements.in -o requirements.txt
	cd tests/bench && $(abspath $(BIN))/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url requirements.in -o requirements.txt

clean:
	rm -rf $(VENV) .bench .demo .soak .fuzz

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "storeday needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.txt pyproject.toml
	@echo "Installing Airflow and what storeday needs, about 170 packages: one to five minutes, once."
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/.installed tests/requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt --requirement tests/requirements.txt
	@touch $@

$(VENV)/.installed-for-bench: $(VENV)/.installed-for-tests tests/bench/requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --requirement tests/bench/requirements.txt
	@touch $@
