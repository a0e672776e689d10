# Mobilizer. `make` alone lists what there is.

PYTHON ?=
PORT ?=
# Where `make test-postgres` finds a server on which it may create and drop databases of its own.
TEST_POSTGRES ?= postgresql://postgres@127.0.0.1:5432/postgres
# What to install beside the rest: EXTRAS=oidc for log-in through an identity provider.
EXTRAS ?=
# Passed to pytest, e.g. make test ARGS="-k signups -x"
ARGS ?=

VENV_BIN = .venv/bin
INSTALL = @PYTHON="$(PYTHON)" sh requirements/find-python requirements/install.py
PYTEST = $(VENV_BIN)/python -m pytest -n auto --maxprocesses 4 --dist load
GUARDS = $(wildcard $(foreach name,architecture permissions routes no_script translations schema documented config pins tree,tests/test_$(name).py))
PIN = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

.PHONY: help install install-dev run test test-postgres lint types guards fix bench translations pins clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

install: ## .venv with the pinned packages, and the translations compiled (EXTRAS=oidc: see docs/run.md)
	$(INSTALL) $(or $(EXTRAS),run)

install-dev:
	$(INSTALL) dev

run: install ## everything: install, database, demo, and the server on 127.0.0.1:8000
	@exec $(VENV_BIN)/mobilizer start $(if $(PORT),--port $(PORT))

test: install-dev ## every test, on SQLite; brings a browser and a Chinese font if it can
	@$(VENV_BIN)/python tests/provision.py browser
	@$(PYTEST) $(ARGS)

test-postgres: install-dev ## the same tests on PostgreSQL (TEST_POSTGRES=postgresql://...)
	@$(VENV_BIN)/python tests/provision.py browser
	@MOBILIZER_TEST_DATABASE_URL="$(TEST_POSTGRES)" $(VENV_BIN)/python tests/provision.py postgres
	@MOBILIZER_TEST_DATABASE_URL="$(TEST_POSTGRES)" $(PYTEST) $(ARGS)

lint: install-dev ## ruff on the Python, djlint on the templates
	@status=0; \
	$(VENV_BIN)/ruff check . || status=1; \
	$(VENV_BIN)/ruff format --check . || status=1; \
	$(VENV_BIN)/djlint --lint --quiet mobilizer/templates || status=1; \
	exit $$status

types: install-dev ## mypy, strict
	@$(VENV_BIN)/mypy

guards: install-dev ## only the tests that guard the house: imports, permissions, routes, texts, schema, documents
	@$(PYTEST) -q $(GUARDS)

fix: install-dev ## what ruff can mend by itself
	@$(VENV_BIN)/ruff check --fix .
	@$(VENV_BIN)/ruff format .

bench: install-dev ## what is promised of speed, as ratios measured on this machine
	@for program in bench/*.py; do \
		if grep -q '__main__' "$$program"; then \
			echo; echo "== $$program"; $(VENV_BIN)/python "$$program" || exit 1; \
		fi; \
	done

translations: install-dev ## collect the texts, update the catalogues, compile them
	@$(VENV_BIN)/pybabel -q extract -F babel.cfg -k N_ -k _l -k lazy_gettext --no-location --sort-output \
		--project=Mobilizer --copyright-holder= -o mobilizer/translations/messages.pot mobilizer
	@$(VENV_BIN)/pybabel -q update -i mobilizer/translations/messages.pot -d mobilizer/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 110
	@$(VENV_BIN)/pybabel -q compile -d mobilizer/translations

pins: ## compile requirements/*.txt anew from pyproject.toml (needs uv; UPGRADE=1 takes newer versions)
	@$(PIN) $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in -o requirements/run.txt >/dev/null
	@$(PIN) $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in --extra dev \
		-c requirements/run.txt -o requirements/dev.txt >/dev/null
	@$(PIN) $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in --extra oidc \
		-c requirements/dev.txt -o requirements/oidc.txt >/dev/null

clean: ## remove what the tools made, .venv included; never instance/
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find mobilizer/translations -name '*.mo' -exec rm -f {} +
