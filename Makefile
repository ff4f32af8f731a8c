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
#   make clean        remove what was built; .venv stays (rm -rf .venv to start over)

PYTHON ?= python3
# PyTorch comes first and by exact version, so that pip takes one build that is known to work and need not search.
# Without a GPU on Linux a smaller build will do:
#   make setup TORCH="torch torchvision --index-url https://download.pytorch.org/whl/cpu"
TORCH ?= torch==2.14.1 torchvision==0.29.1
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# A stamp is newer than pyproject.toml while what it stands for is installed.
APP_READY := $(VENV)/.app-ready
ALL_READY := $(VENV)/.all-ready

.PHONY: run test test-screen test-slow test-system bench check format clean setup
.DEFAULT_GOAL := test

run: $(APP_READY)
	@$(BIN)/python scripts/first_run.py

setup: $(ALL_READY)

test: $(ALL_READY)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -rs --durations=10 $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory test-screen

# The window's tests again on a real X server, which pytest-xvfb starts; the whole run before was off screen.
test-screen: $(ALL_READY)
	@if command -v Xvfb >/dev/null; then QT_QPA_PLATFORM=xcb $(BIN)/python -m pytest -rs tests/gui; \
	else echo "no Xvfb here: the window was tested off screen only (apt install xvfb)"; fi

test-slow: $(ALL_READY)
	$(BIN)/python -m pytest -rs --durations=10 --timeout=1800 -m slow $(PYTEST_ARGS)

test-system: $(ALL_READY)
	$(BIN)/python -m pytest -rs -m system -o log_cli=true --log-cli-level=INFO -o log_cli_format="%(message)s" $(PYTEST_ARGS)

bench: $(APP_READY)
	$(BIN)/python tests/benchmarks/guard.py

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
	$(PIP) install --quiet -e .
	@touch $@

$(ALL_READY): pyproject.toml | $(BIN)/python
	@echo "Installing affectcam, PyTorch and the tests' tools into $(VENV), a few minutes ..."
	$(PIP) install --quiet $(TORCH)
	$(PIP) install --quiet -e '.[train,dev]'
	@touch $(APP_READY) $@
