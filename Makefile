# `make demo` renders a dataset, `make test` tests everything; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# bpy exists for Python 3.11 alone; elsewhere the Cycles tests skip.
TEST_EXTRAS := $(shell $(PYTHON) -c 'import sys; print("test,cycles" if sys.version_info[:2] == (3, 11) else "test")')
OUT ?= out/demo
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint bench clean system

demo: $(VENV)/.core
	$(BIN)/simgen render scenes/tabletop.yaml --out $(OUT) --frames 24 --jobs 2
	$(BIN)/simgen show $(OUT)
	@echo "dataset: $(OUT)   contact sheet: $(OUT)/contact_sheet.png"

test: $(VENV)/.test
	$(BIN)/python -m pytest tests

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) out

# The virtual environment is made anew when what it is made from has changed.
$(VENV)/.core: pyproject.toml constraints.txt tools/system_libraries.sh
	sh tools/system_libraries.sh $(PYTHON)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.core
	$(PIP) --editable ".[$(TEST_EXTRAS)]"
	touch $@
