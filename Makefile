# Everything a fresh clone needs is Python 3.10 or newer and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-slow lint clean chromium

demo: $(VENV)/installed
	$(BIN)/wallpaint demo --output demo

# Tiny models are slower on several threads than on one; so each core runs tests of its own, file by file.
test: $(VENV)/installed-dev chromium
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not slow" -n logical --dist loadfile

test-slow: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -m slow

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo build src/*.egg-info

# The browser that tests of the page drive; without it they are skipped, and say so.
chromium:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } \
	|| echo "THERE IS NO CHROMIUM, and it cannot be installed from here: the page will not be tested."

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# pymatting compiles itself at its first import; better here than in somebody's first minute.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e ".[diffusion]"
	@echo "Compiling the edge refinement, once: about 40 seconds"
	$(BIN)/python -c "import pymatting"
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) -e ".[dev]"
	touch $@
