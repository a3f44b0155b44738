.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
MINUTES ?= 30
SEED ?=

# The web client: built with the machine's Node if it is new enough, else with the one in .venv.
UI_NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && echo yes)
NPM := $(if $(UI_NODE),npm,PATH="$(CURDIR)/$(BIN):$$PATH" npm) --prefix ui
UI_STAMP := ui/node_modules/.installed
UI_BUILD := ui/dist/index.html
UI_SOURCES := $(shell find ui/src ui/public -type f) ui/index.html ui/vite.config.ts ui/tsconfig.json
OPENAPI := ui/node_modules/.openapi.json

.PHONY: help install dev demo ui ui-types ui-check lighthouse screenshots test faults soak bench lint types check format lock settings-doc histories clean-dev

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

dev: $(STAMP) $(UI_BUILD) ## Run the whole system on this machine (ARGS=--seed fills in people and listings)
	@exec $(BIN)/python -m devstack $(ARGS)

demo: $(STAMP) ## Play five purchases against a running `make dev`
	@exec $(BIN)/python -m devstack.demo $(ARGS)

ui: $(UI_BUILD) ## Build the web client, if its sources are newer than the build

$(UI_STAMP): ui/package-lock.json ui/package.json | $(STAMP)
	@echo "Installing the web client's packages (once)…"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(UI_BUILD): $(UI_STAMP) $(UI_SOURCES)
	@echo "Building the web client…"
	@$(NPM) run --silent build -- --logLevel error
	@touch $@

ui-types: $(STAMP) $(UI_STAMP) ## Write ui/src/api/schema.d.ts from the API's own OpenAPI document
	@mkdir -p $(dir $(OPENAPI))
	$(BIN)/python -m api.document > $(OPENAPI)
	$(NPM) run --silent types

ui-check: $(STAMP) $(UI_STAMP) $(UI_BUILD) ## Types up to date, tsc, ESLint, Prettier, Vitest
	@mkdir -p $(dir $(OPENAPI))
	$(BIN)/python -m api.document > $(OPENAPI)
	$(NPM) run --silent types -- --check
	$(NPM) run --silent check
	$(NPM) test --silent

lighthouse: $(STAMP) $(UI_BUILD) ## Measure landing, checkout and orders with Lighthouse; fails below what we ask
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python -m tests.ui.lighthouse

screenshots: $(STAMP) $(UI_BUILD) ## Take the README's pictures of all pages anew
	SCREENSHOTS=docs/images $(BIN)/pytest tests/ui/test_pages.py

test: $(STAMP) ui-check ## Run every test (ARGS='-k refund' narrows those in Python)
	$(BIN)/pytest $(ARGS)

faults: $(STAMP) ## Try to break the promises: kills, faults of Stripe, late events, races (minutes)
	$(BIN)/pytest -m faults tests/faults tests/soak $(ARGS)

soak: $(STAMP) ## Mixed traffic with random faults for MINUTES (SEED repeats a plan); ends with the books
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench: $(STAMP) ## Measure how fast it is and write docs/performance.md (ARGS=reads for one part)
	$(BIN)/python -m bench $(ARGS)

lint: $(STAMP) ## Style, formatting and the import arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP) ## mypy --strict over everything, tests included
	$(BIN)/mypy
	$(BIN)/mypy .ci/*.py

check: lint types test ## Everything that CI runs

format: $(STAMP) ## Format and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP) ## Resolve pyproject.toml into the hashed lock files under requirements/
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	@printf 'hatchling>=1.27\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -c requirements/dev.txt - -o requirements/build.txt

settings-doc: $(STAMP) ## Write the table of settings in docs/configuration.md anew
	$(BIN)/python -m devstack.configuration

histories: $(STAMP) ## Record the workflow histories that CI replays, anew
	$(BIN)/python -m tests.replay.record

clean-dev: ## Empty .dev/ (the data of `make dev`)
	@$(PYTHON) -m devstack.clean
