# The two commands of the README are `make reproduce` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: reproduce test test-long lint types layers units notebooks benchmark readme wheel clean

reproduce: $(STAMP)
	$(BIN)/k2stats reproduce --out report.html

test: lint types layers units notebooks

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports --no-cache

units: $(STAMP)
	$(BIN)/pytest -q -n $(WORKERS) -m "not long"

test-long: $(STAMP)
	$(BIN)/pytest -q -n $(WORKERS) -m long
	HYPOTHESIS_PROFILE=new $(BIN)/pytest -q -n $(WORKERS) -m "not long"

notebooks: $(STAMP)
	$(BIN)/python notebooks/execute.py

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks

readme: $(STAMP)
	$(BIN)/python docs/update.py

wheel: $(STAMP)
	$(BIN)/python -m build --wheel --no-isolation

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "k2stats needs Python 3.11 or later; set PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable ".[test,fast]"
	@touch $@

clean:
	rm -rf $(VENV) build dist report.html
