# `make demo` renders a dataset, `make test` tests everything; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# bpy exists for Python 3.11 alone; elsewhere the demo is ray cast and the Cycles tests skip.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ifeq ($(PYTHON_VERSION),3.11)
RENDERER ?= cycles
DEMO_EXTRAS := cycles
TEST_EXTRAS := test,cycles,train,refine
else
RENDERER ?= raycast
DEMO_EXTRAS :=
TEST_EXTRAS := test,train,refine
endif
OUT ?= out/demo
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint bench docs clean system

demo: $(VENV)/.demo
	$(BIN)/simgen render scenes/tabletop.yaml --out $(OUT) --frames 24 --jobs 2 \
		--renderer $(RENDERER) --quality draft --set render.size=[480,360]
	$(BIN)/simgen show $(OUT)
	@echo "dataset: $(OUT)   contact sheet: $(OUT)/contact_sheet.png"

test: $(VENV)/.test
	$(BIN)/python -m pytest tests plugins

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench

docs: $(VENV)/.core
	$(BIN)/simgen plugins docs --out docs/plugins $(addprefix --plugin-dir ,$(wildcard plugins))

clean:
	rm -rf $(VENV) out

# The virtual environment is made anew when what it is made from has changed.
$(VENV)/.core: pyproject.toml constraints.txt tools/system_libraries.sh
	sh tools/system_libraries.sh $(PYTHON)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.demo: $(VENV)/.core
	$(if $(DEMO_EXTRAS),$(PIP) --editable ".[$(DEMO_EXTRAS)]")
	touch $@

$(VENV)/.test: $(VENV)/.core
	-sh tools/system_libraries.sh $(PYTHON) browser
	$(PIP) --editable ".[$(TEST_EXTRAS)]"
	touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) --editable ".[$(TEST_EXTRAS),bench]"
	touch $@
