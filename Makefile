# The commands that people and CI share. Everything happens in .venv in this clone.
#
#   make run          set up the app (without PyTorch) and start it: the window, or with no screen the demo's files
#   make test         set up everything, run the checks and the tests
#   make setup        set up everything, no more
#   make bench        what each stage costs here, as shares of a yardstick; fails if one is a quarter worse than committed
#   make check        lint, format check, types, import contracts
#   make format       let ruff rewrite the files
#   make test-screen  the window's tests on a real X server, a part of make test
#   make test-slow    the tests that take more than a few seconds
#   make test-system  the tests that need a real device, or a virtual machine that has one; says what is missing
#   make test-lowest  the app's tests with the lowest releases that pyproject.toml allows, in an environment of its own
#   make test-lowest-training  the same of training: an environment of its own, several GB
#   make sbom         what is installed here, as CycloneDX, into build/sbom.cdx.json
#   make audit        known vulnerabilities of what is installed here; asks an index over the network
#   make lock         write down the exact releases of this environment; make setup LOCK=requirements-lock.txt takes them
#   make clean        remove what was built; .venv stays (rm -rf .venv to start over)

PYTHON ?= python3
# PyTorch comes first and by exact version, so that pip takes one build that is known to work and need not search.
# Without a GPU on Linux a smaller build will do:
#   make setup TORCH="torch torchvision --index-url https://download.pytorch.org/whl/cpu"
TORCH ?= torch==2.14.1 torchvision==0.29.1
LOCK ?=
PYTEST_ARGS ?=
# Test files that run at the same time; those marked "alone" come after them, by themselves. In the order of their
# names, the long ones of tests/integration come first, so that no process is left with one at the end.
TEST_PROCESSES ?= 2

# What shows windows to nobody; a graphical session of the user's own is not used for tests.
SCREEN := $(shell command -v Xvfb 2>/dev/null)

# Where tests marked "alone" are: importing all the others takes longer than running these.
ALONE := $(shell grep -rl 'mark\.alone' tests/unit tests/integration --include='test_*.py') $(if $(SCREEN),,tests/gui)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINED := $(if $(LOCK),-c $(LOCK))
# Programs that look at the environment have one of their own, so as not to be found in it.
TOOLS := .venv-tools
LOWEST := .venv-lowest
LOWEST_TRAINING := .venv-lowest-training
# A stamp is newer than pyproject.toml while what it stands for is installed.
APP_READY := $(VENV)/.app-ready
ALL_READY := $(VENV)/.all-ready

.PHONY: run test test-screen test-slow test-system test-lowest test-lowest-training bench check format sbom audit lock clean setup
.DEFAULT_GOAL := test

run: $(APP_READY)
	@$(BIN)/python scripts/first_run.py

setup: $(ALL_READY)

test: $(ALL_READY)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -rs --durations=10 -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder \
	  --ignore=tests/gui -m "not slow and not system and not alone" $(PYTEST_ARGS)
	$(BIN)/python -m pytest -rs -m "alone and not slow and not system" $(PYTEST_ARGS) $(ALONE)
	@$(MAKE) --no-print-directory test-screen

# The window's tests on a real X server, which pytest-xvfb starts; where there is none they ran off screen before.
test-screen: $(ALL_READY)
ifneq ($(SCREEN),)
	QT_QPA_PLATFORM=xcb $(BIN)/python -m pytest -rs tests/gui
else
	@echo "no Xvfb here: the window was tested off screen only (apt install xvfb)"
endif

test-slow: $(ALL_READY)
	$(BIN)/python -m pytest -rs --durations=10 --timeout=1800 -m slow $(PYTEST_ARGS)

test-system: $(ALL_READY)
	$(BIN)/python -m pytest -rs -m system -o log_cli=true --log-cli-level=INFO -o log_cli_format="%(message)s" $(PYTEST_ARGS)

bench: $(APP_READY)
	$(BIN)/python tests/benchmarks/guard.py

test-lowest: $(LOWEST)/.ready
	$(LOWEST)/bin/python -m pytest -p no:cacheprovider -W ignore::DeprecationWarning \
	  tests/unit/app tests/unit/model tests/integration/test_classify.py tests/integration/test_overlay.py

$(LOWEST)/.ready: pyproject.toml
	$(PYTHON) -m venv --clear $(LOWEST)
	$(PYTHON) scripts/lowest_versions.py parquet > $(LOWEST)/lowest.txt
	$(LOWEST)/bin/python -m pip install --quiet -c $(LOWEST)/lowest.txt -e '.[parquet]' hypothesis onnx pytest \
	  pytest-qt pytest-timeout pytest-xvfb scikit-image
	@touch $@

test-lowest-training: $(LOWEST_TRAINING)/.ready
	$(LOWEST_TRAINING)/bin/python -m pytest -p no:cacheprovider -W ignore::DeprecationWarning \
	  -m "not slow" tests/unit/training tests/unit/model tests/integration/test_training_run.py \
	  tests/integration/test_training_stopped.py

$(LOWEST_TRAINING)/.ready: pyproject.toml
	$(PYTHON) -m venv --clear $(LOWEST_TRAINING)
	$(PYTHON) scripts/lowest_versions.py train parquet > $(LOWEST_TRAINING)/lowest.txt
	$(LOWEST_TRAINING)/bin/python -m pip install --quiet -c $(LOWEST_TRAINING)/lowest.txt -e '.[train,parquet]' \
	  hypothesis pytest pytest-qt pytest-timeout pytest-xvfb scikit-image
	@touch $@

$(TOOLS)/.ready: Makefile
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet 'cyclonedx-bom>=7,<8' 'pip-audit>=2.10,<3'
	@touch $@

sbom: $(ALL_READY) $(TOOLS)/.ready
	@mkdir -p build
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
	  -o build/sbom.cdx.json $(BIN)/python
	@echo "build/sbom.cdx.json"

audit: $(ALL_READY) $(TOOLS)/.ready
	@mkdir -p build
	$(PIP) list --format=freeze --exclude-editable > build/audited.txt
	$(TOOLS)/bin/pip-audit --no-deps --disable-pip -r build/audited.txt

lock: $(ALL_READY)
	@echo "# The environment that make setup made and make test passed in, by make lock; Linux x86_64, Python 3.11." \
	  > requirements-lock.txt
	$(PIP) list --format=freeze --exclude-editable >> requirements-lock.txt

check: $(ALL_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(ALL_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find app model training tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) scripts/system_packages.py
	$(PYTHON) -m venv $(VENV)

$(APP_READY): pyproject.toml | $(BIN)/python
	@echo "Installing affectcam into $(VENV), about a minute ..."
	$(PIP) install --quiet $(CONSTRAINED) -e .
	@touch $@

$(ALL_READY): pyproject.toml | $(BIN)/python
	@echo "Installing affectcam, PyTorch and the tests' tools into $(VENV), a few minutes ..."
	$(PIP) install --quiet $(CONSTRAINED) $(TORCH)
	$(PIP) install --quiet $(CONSTRAINED) -e '.[train,cluster,parquet,dev]'
	@touch $(APP_READY) $@
