# The commands of the repository; `make help` lists them. Each sets up what it needs first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
# Images often set it, and then every process compiles all of its modules again when it starts.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
GRAPHIQL := supergraph/server/graphiql
PROTOCOL := tests/protocol
PORT ?= 4000
# More than the cores of a small machine: many tests wait for processes.
WORKERS ?= 3
# What `make test` leaves to `make test-full`.
QUICK := not long
TEST_SECONDS := 180

.PHONY: help setup graphiql protocol-clients run demo stack schema check test test-full clean
.PHONY: bench bench-compose bench-planner bench-memory bench-live

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed  ## Create .venv with everything pinned; instant when nothing changed

.venv/.installed: requirements/all.txt requirements/bootstrap.txt requirements/install.sh pyproject.toml
	@PYTHON="$(PYTHON)" requirements/install.sh
	@touch $@

graphiql: $(GRAPHIQL)/.built  ## Build the browser bundle, where Node is there

$(GRAPHIQL)/.built: $(GRAPHIQL)/package-lock.json $(GRAPHIQL)/vite.config.js $(GRAPHIQL)/build.sh $(wildcard $(GRAPHIQL)/index.html $(GRAPHIQL)/src/*)
	@$(GRAPHIQL)/build.sh
	@if [ -e $(GRAPHIQL)/dist/index.html ]; then touch $@; fi

protocol-clients: $(PROTOCOL)/node_modules/.installed  ## Install the clients that tests drive us with

$(PROTOCOL)/node_modules/.installed: $(PROTOCOL)/package-lock.json $(PROTOCOL)/install.sh
	@$(PROTOCOL)/install.sh

run: setup graphiql  ## Start everything in one process with demo data on 127.0.0.1:4000
	@exec $(BIN)/python -m subgraphs.demo run --port $(PORT)

demo: setup  ## Launch a campaign and watch it live in the terminal; URL=... takes a running gateway
	@exec $(BIN)/python -m subgraphs.demo campaign $(if $(URL),--url $(URL))

stack: setup graphiql  ## Start the distributed mode: PostgreSQL, Redis, subgraphs, worker, two gateways
	@exec $(BIN)/python -m subgraphs.demo stack

schema: setup  ## Write schema/*.graphql again
	@$(BIN)/python -m subgraphs.demo schema

check: setup  ## Format, lint, types, import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check graphiql protocol-clients  ## Every check and test but the long ones
	@export SUPERGRAPH_TESTS_WITHOUT="$$(tests/kit/install.sh)"; \
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
		--timeout $(TEST_SECONDS) -m "$(QUICK)"

test-full: QUICK := long or not long
test-full: TEST_SECONDS := 3600
test-full: export SUPERGRAPH_TESTS_EXPLORE := on
test-full: test  ## The long tests too, and ten times as many examples of the properties

bench: setup  ## CPU per request of the gateway by scenario, and of the README's query
	@$(BIN)/python -m tests.bench.gateway
	@$(BIN)/python -m tests.bench.server
	@$(BIN)/python -m tests.bench.request

bench-compose: setup  ## Time composing 5 to 50 generated subgraphs, beside Apollo's composition
	@$(BIN)/python -m tests.bench.compose

bench-planner: setup  ## Time planning operations, beside Apollo's query planner
	@$(BIN)/python -m tests.bench.planner

bench-memory: setup  ## Watch the gateway's memory over a million requests; REQUESTS=... for fewer
	@$(BIN)/python -m tests.bench.memory $(if $(REQUESTS),--requests $(REQUESTS))

bench-live: setup  ## Thousands of clients watch tasks through one gateway; CLIENTS=... TRANSPORT=sse or ws
	@$(BIN)/python -m tests.bench.live $(if $(CLIENTS),--clients $(CLIENTS)) $(if $(TRANSPORT),--transport $(TRANSPORT))

clean:  ## Remove what was built; data/ stays
	rm -rf .venv build $(GRAPHIQL)/node_modules $(GRAPHIQL)/dist $(GRAPHIQL)/.built $(PROTOCOL)/node_modules
