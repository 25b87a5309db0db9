# make setup: install everything into .venv.  make run: that, then start Limner.  make test: that, then every check.
# make chaos RUNS=60 [SEED=n]: crashes and faults at random (tests/chaos/README.md).
# make check: lint, types, layers, and the pinned packages against the database of known vulnerabilities (needs network).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := $(VENV)/audit
STAMPS := $(VENV)/.stamps
TORCH_INDEX ?=
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: setup run test check audit lint types layers unit cover bench chaos soak clean

setup: $(STAMPS)/run

run: setup
	@$(BIN)/limner run

test: setup lint types layers unit

check: lint types layers audit

# --strict: a package that nothing could be learned about is no package without a fault.
audit: $(STAMPS)/audit
	@$(AUDIT)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off \
	  2>$(STAMPS)/audit.log || { \
	  if grep -q 'could not be audited\|Connection\|[Tt]imeout\|ServiceError' $(STAMPS)/audit.log; then \
	    echo 'The database of known vulnerabilities cannot be asked from here; run make check where it can be reached.'; \
	  else cat $(STAMPS)/audit.log; fi; exit 1; }

lint: $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMPS)/dev
	$(BIN)/mypy

layers: $(STAMPS)/dev
	$(BIN)/lint-imports

unit: $(STAMPS)/dev
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --show-missing --fail-under=80

bench: $(STAMPS)/dev
	$(BIN)/python -m bench

RUNS ?= 60
SEED ?=
chaos: $(STAMPS)/dev
	@$(BIN)/python -m tests.chaos --runs $(RUNS) $(if $(SEED),--seed $(SEED))

soak: $(STAMPS)/dev
	@$(BIN)/python -m tests.chaos.soak

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

# The venv is made without pip and filled from outside, so that Python needs no ensurepip and one pip serves all.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Limner needs Python 3.11 or newer: install it, or name it with make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || \
	  { echo 'Limner needs pip: install it (Debian and Ubuntu: apt install python3-pip)'; exit 1; }
	@$(PYTHON) -c 'import pip, sys; sys.exit([*map(int, pip.__version__.split(".")[:2])] < [22, 3])' || \
	  { echo 'Limner needs pip 22.3 or newer: run $(PYTHON) -m pip install --upgrade pip'; exit 1; }
	$(PYTHON) -m venv --without-pip --clear $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv pyproject.toml constraints.txt
	@echo 'Installing Limner into $(VENV); the first time this takes a few minutes.'
	@$(INSTALL) --editable '.[engine]'
	@touch $@

# pip-audit looks at the others' versions, so it lives apart from them.
$(STAMPS)/audit: $(STAMPS)/venv constraints.txt
	$(PYTHON) -m venv --without-pip --clear $(AUDIT)
	@$(PYTHON) -m pip --python $(AUDIT)/bin/python --disable-pip-version-check install --quiet \
	  --constraint constraints.txt pip-audit
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run
	@$(INSTALL) --editable '.[engine,dev]'
	@touch $@
