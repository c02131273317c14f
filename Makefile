# solvent: every target sets up what it needs; nothing by hand.
export UV_SYSTEM_CERTS := 1
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := uv pip compile --quiet --no-build --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --python-version 3.11
DEMO := demo
.DEFAULT_GOAL := help

.PHONY: help demo test test-long lint format bench bench-quality lock clean

help:  ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/uv: requirements/build.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.run: $(BIN)/uv requirements/train.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/train.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@ 

$(VENV)/.dev: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

lock: $(BIN)/uv  ## resolve the hashed requirements again
	$(BIN)/$(LOCK) --group build -o requirements/build.txt
	$(BIN)/$(LOCK) pyproject.toml -o requirements/run.txt
	$(BIN)/$(LOCK) pyproject.toml --extra train -o requirements/train.txt
	$(BIN)/$(LOCK) pyproject.toml --extra ui -o requirements/ui.txt
	$(BIN)/$(LOCK) pyproject.toml --extra train --group dev -o requirements/dev.txt
