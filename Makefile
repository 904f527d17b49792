# Run `make` to see what there is. Nothing but Python 3.11+ is needed beforehand.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

# The demo and the tests start dozens of processes; each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# The checks look at the code alone, so they need neither a database nor real secrets.
CHECK_ENV := SECRET_KEY=0123456789-checks-only-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	JOURNAL_KEY=0123456789-checks-only-abcdefghijklmnopqrstuvwxyz \
	DATABASE_URL=sqlite://:memory: PUBLIC_URL=https://treasury.example.com DEBUG=false

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(INSTALLED) $(MESSAGES) ## Try everything on this machine alone; RESET=1 begins anew
	@$(PY) -m demo $(if $(RESET),--reset) $(ARGS)

# More workers than cores: one has the acceptance tests, which mostly wait.
.PHONY: test
test: $(INSTALLED) $(MESSAGES) ## Run the tests; ARGS="-k webhook" chooses, SERVICES=none needs no PostgreSQL, no Redis
	@$(PY) -m pytest --numprocesses=3 --dist=loadgroup $(ARGS)

.PHONY: lint
lint: $(INSTALLED) $(MESSAGES) ## Check style, types, migrations, translations and settings
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(CHECK_ENV) $(VENV)/bin/mypy
	@$(CHECK_ENV) $(PY) manage.py makemigrations --check --dry-run
	@$(CHECK_ENV) $(PY) -m config.translations check
	@$(CHECK_ENV) $(PY) manage.py check --deploy --fail-level WARNING

.PHONY: bench
bench: $(INSTALLED) $(MESSAGES) ## Measure speed; ARGS chooses what
	@$(PY) -m benchmarks $(ARGS)

.PHONY: messages
messages: $(INSTALLED) ## Collect the texts to translate into locale/ (needs GNU gettext)
	@$(CHECK_ENV) $(PY) -m config.translations update

.PHONY: lock
lock: $(INSTALLED) ## Pin the packages by hash; ARGS=--upgrade takes the newest
	@$(PY) -m pip install --quiet uv
	@for name in requirements requirements-dev; do \
		$(VENV)/bin/uv pip compile --quiet --generate-hashes --universal \
			--python-version 3.11 --custom-compile-command "make lock" $(ARGS) $$name.in -o $$name.txt; \
	done

.PHONY: clean
clean: ## Remove everything that make has built, the demo's data too
	@rm -rf $(VENV) $(MESSAGES) var/demo var/test.sqlite3* staticfiles .coverage \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.txt
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=$$python; break; \
		fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Python 3.11 or newer is needed: install it or name it, make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Installing the packages into $(VENV) (once, a minute or two) ..."; \
	$$found -m venv $(VENV) || { \
		echo "Python cannot make virtual environments (Debian: apt-get install python3-venv)" >&2; \
		exit 1; \
	}
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

%.mo: %.po config/translations.py $(INSTALLED)
	@SECRET_KEY=unused $(PY) -m config.translations compile
