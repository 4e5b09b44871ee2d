# A clone needs Python 3.10 or newer and the package index, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt
APT_INSTALL := apt-get update -qq && apt-get install -qq -y --no-install-recommends

.PHONY: demo test test-slow lint clean chromium libllvm

demo: $(VENV)/installed
	$(BIN)/wallpaint demo --output demo

# One thread and one process per core: the tests' tiny models run slower on several threads than on one.
test: $(VENV)/installed-dev chromium libllvm
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not slow" -n logical --dist loadfile

test-slow: $(VENV)/installed-dev libllvm
	$(BIN)/python -m pytest -q -m slow

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo build src/*.egg-info

# Chromium, for the tests of the page. Without it they are skipped (WALLPAINT_REQUIRE_BROWSER=1: they fail).
chromium:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && { $(APT_INSTALL) chromium; } >/dev/null; } \
	|| echo "Chromium was not found and cannot be installed (needs root and apt): tests of the page are skipped."

# A libLLVM that Mitsuba can use, for the tests of the renderer. Without it they are skipped
# (WALLPAINT_REQUIRE_RENDERER=1: they fail).
libllvm: $(VENV)/installed-dev
	@$(BIN)/python -c "import sys; from wallpaint.rooms import variant; sys.exit(variant.choose_variant() != variant.LLVM)" \
	  2>/dev/null \
	|| { [ "$$(id -u)" = 0 ] && { $(APT_INSTALL) libllvm19; } >/dev/null; } \
	|| echo "No libLLVM for Mitsuba was found and none can be installed (needs root and apt): renderer tests are skipped."

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# pymatting compiles on its first import; done here so that the first painted photo does not wait for it.
$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e ".[diffusion]"
	@echo "Compiling the edge refinement (once, about 40 seconds)"
	$(BIN)/python -c "import pymatting"
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) -e ".[dev]"
	touch $@
