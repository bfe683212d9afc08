# Everything a fresh machine needs is Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --no-input --quiet install --require-hashes
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(LOCK_FLAGS)

# Stamps stand for work that is done; a requirements file newer than its stamp is installed again.
MADE := $(VENV)/made.stamp
SERVE_READY := $(VENV)/serve.stamp
TEST_READY := $(VENV)/test.stamp

.DEFAULT_GOAL := help
.PHONY: serve test bench format lock clean help

serve: $(SERVE_READY) $(VENV)/bin/formulary ## prepare the catalog and serve it on http://127.0.0.1:8000
	@exec $(RUN) -m service serve

test: $(TEST_READY) $(VENV)/bin/formulary ## format, lint, types, import contracts, then every test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	@.ci/browser
	$(RUN) -m pytest

bench: $(TEST_READY) ## measure the addresses that matter under load
	$(RUN) -m tests.bench

format: $(TEST_READY) ## lay the code out, and mend what ruff can mend
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lock: $(MADE) ## pin pyproject.toml's libraries with hashes; LOCK_FLAGS=--upgrade takes the newest
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && set -e; \
	$(RUN) -m venv "$$tools"; \
	"$$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv; \
	PATH="$$tools/bin:$$PATH"; \
	$(UV_COMPILE) --output-file requirements.txt pyproject.toml; \
	$(UV_COMPILE) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## take away what make made; the catalog in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-output
	find service tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

$(MADE):
	@found=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || found=; \
	case "$$found" in 3.1[1-9]|3.[2-9][0-9]) ;; *) \
		echo "Formulary needs Python 3.11 or newer, and '$(PYTHON)' is $${found:-not to be run here}:" \
			"name a newer one, for example: make PYTHON=python3.12 serve" >&2; exit 1;; esac
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "'$(PYTHON) -m venv' does not work here; on Debian and Ubuntu install python3-venv." >&2; exit 1; }
	@touch $@

$(SERVE_READY): requirements.txt $(MADE)
	@echo "Installing what the service needs (requirements.txt) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TEST_READY): requirements-dev.txt $(SERVE_READY)
	@echo "Installing what the tests need (requirements-dev.txt) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/bin/formulary: Makefile $(MADE)
	@printf '%s\n' '#!/bin/sh' 'cd "$$(dirname "$$0")/../.." && exec $(RUN) -m service "$$@"' > $@
	@chmod +x $@
