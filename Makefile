.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.PHONY: help install dev demo test lint types check format lock histories clean-dev

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## Install everything into .venv (the other targets do it by themselves)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed (PYTHON=/path/to/python3 make …)" if sys.version_info < (3, 11) else 0)'
	@echo "Installing into $(VENV) (once; about a minute)…"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

dev: $(STAMP) ## Run the whole system on this machine (ARGS=--seed fills in people and listings)
	@exec $(BIN)/python -m devstack $(ARGS)

demo: $(STAMP) ## Play five purchases against a running `make dev`
	@exec $(BIN)/python -m devstack.demo $(ARGS)

test: $(STAMP) ## Run every test (ARGS='-k refund' narrows it)
	$(BIN)/pytest $(ARGS)

lint: $(STAMP) ## Style, formatting and the import arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP) ## mypy --strict over everything, tests included
	$(BIN)/mypy

check: lint types test ## Everything that CI runs

format: $(STAMP) ## Format and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## Resolve pyproject.toml into the hashed lock files under requirements/
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt

histories: $(STAMP) ## Record the workflow histories that CI replays, anew
	$(BIN)/python -m tests.replay.record

clean-dev: ## Empty .dev/ (the data of `make dev`)
	@$(PYTHON) -m devstack.clean
