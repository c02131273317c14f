# solvent: every target sets up what it needs; nothing by hand.
SHELL := /bin/bash
export UV_SYSTEM_CERTS := 1
# One thread each: on shared cores OpenMP's threads fight instead of helping.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export NUMBA_NUM_THREADS := 1
# Compiled kernels are kept here, so a source tree nobody may write to works as well.
export NUMBA_CACHE_DIR := $(CURDIR)/.venv/.numba
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := uv pip compile --quiet --no-build --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --python-version 3.11
DEMO := demo
CUSTOMERS := 10000
APPLICANTS := 20000
FAULTS := tests/faults
.DEFAULT_GOAL := help

.PHONY: help demo up test test-long test-faults test-browser test-deploy lint format bench bench-quality lock clean

help:  ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/uv: requirements/build.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.run: $(BIN)/uv requirements/all.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/all.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

demo: export SOLVENT_HOME := $(DEMO)/home
demo: $(VENV)/.run  ## two simulated lenders: data, models, scores, money, and live rows to decide from
	$(BIN)/solvent sandbox airtime_loans --customers $(CUSTOMERS) --out $(DEMO)/data
	$(BIN)/solvent explore examples/airtime_loans --data $(DEMO)/data \
		--output $(DEMO)/study.html --notebook $(DEMO)/study.ipynb
	$(BIN)/solvent train examples/airtime_loans --data $(DEMO)/data --report $(DEMO)/report.html
	$(BIN)/solvent score examples/airtime_loans $(DEMO)/data/loans.parquet --data $(DEMO)/data \
		--with id,score --output $(DEMO)/predictions.csv
	$(BIN)/solvent policy examples/airtime_loans
	$(BIN)/solvent simulate examples/airtime_loans --data $(DEMO)/data \
		--report $(DEMO)/simulation.html --output $(DEMO)/decisions.csv
	$(BIN)/solvent events load airtime_loans $(DEMO)/data --share 0.1
	$(BIN)/solvent sandbox instant_card --customers $(APPLICANTS) --out $(DEMO)/card
	$(BIN)/solvent train examples/instant_card --data $(DEMO)/card --report $(DEMO)/card.html
	$(BIN)/solvent policy examples/instant_card
	$(BIN)/solvent events load instant_card $(DEMO)/card
	@printf '\nLook at\n' && printf '  %-26s  %s\n' \
		'$(DEMO)/study.html' 'which behaviours drive repayment, and how sure that is' \
		'$(DEMO)/report.html' 'how good the model is, and on what' \
		'$(DEMO)/predictions.csv' 'every loan with its probability of default and score' \
		'$(DEMO)/simulation.html' 'whether the lender makes or loses money with its policy' \
		'$(DEMO)/decisions.csv' 'every test applicant decided, and what it earned'
	@printf '\nThen\n  %-26s  %s\n  %-26s  %s\n' \
		'make up' 'API, pages and form on this machine; prints the first admin key' \
		'export SOLVENT_HOME=$(DEMO)/home' 'to use the commands above by hand on the same models'

up: export SOLVENT_HOME := $(DEMO)/home
up: $(VENV)/.run  ## start the API and the pages on what the demo made
	$(BIN)/solvent up --product examples/airtime_loans --product examples/instant_card

test: $(VENV)/.dev  ## run the tests and the examples in the docstrings
	$(BIN)/pytest -q -n 2 --dist loadfile

test-long: export SOLVENT_TEST_SEARCH := 1
test-long: $(VENV)/.dev  ## run the tests that take minutes; every law searched with new cases
	$(BIN)/pytest -q -m long

test-faults: $(VENV)/.dev  ## kill, cut and starve a running installation; a checker reads what clients saw
	@which redis-server strace faketime >/dev/null || { apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends redis-server strace faketime >/dev/null; }
	$(BIN)/pytest -q -n 0 -m faults $(FAULTS)

test-browser: $(VENV)/.dev  ## walk every page as its role in a real Chromium, and take the screenshots
	$(BIN)/pytest -q -m browser

test-deploy: $(VENV)/.dev  ## bring the stack up in containers, decide, kill parts, take it down (root; minutes)
	$(BIN)/pytest -q -x -s -n 0 -p no:cacheprovider -o python_files=stack.py tests/deploy/stack.py

lint: $(VENV)/.dev  ## style, format, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev  ## mend style and format where that is safe
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## measure the promises about speed, each against a named peer
	$(BIN)/python -m benchmarks.run speed cutoffs largest scaling live cards contributions serving batch

bench-quality: $(VENV)/.dev  ## measure the promises about how good the models are
	$(BIN)/python -m benchmarks.run quality

lock: $(BIN)/uv  ## resolve the hashed requirements again; every lock has the versions that are tested
	$(BIN)/$(LOCK) --group build -o requirements/build.txt
	$(BIN)/$(LOCK) pyproject.toml --all-extras --group dev -o requirements/dev.txt
	$(BIN)/$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	$(BIN)/$(LOCK) pyproject.toml -c requirements/dev.txt --extra postgres --extra redis -o requirements/serve.txt
	$(BIN)/$(LOCK) pyproject.toml -c requirements/dev.txt --extra train -o requirements/train.txt
	$(BIN)/$(LOCK) pyproject.toml -c requirements/dev.txt --extra ui -o requirements/ui.txt
	$(BIN)/$(LOCK) pyproject.toml -c requirements/dev.txt --extra excel --extra postgres --extra redis \
		--extra train --extra ui -o requirements/all.txt

clean:  ## remove what the targets made, the environment included
	rm -rf $(VENV) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +
