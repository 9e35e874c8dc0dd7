# Two commands do everything: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# What Python compiled once is kept, whatever the shell says: each test process would do it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test ready check peers bench axe fuzz simulate sbom clean

demo: $(INSTALLED)
	$(BIN)/lineproof demo

# What is installed for the program and for its peers comes at the same time: much of it is waiting.
test:
	$(MAKE) --no-print-directory --jobs=2 check ready
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# Tests are compiled once, while types are checked, or each of the test processes would do it.
ready: $(INSTALLED) peers
	-@$(BIN)/python -m pytest --collect-only -qq > /dev/null

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

peers:
	tests/setup-peers

bench: $(INSTALLED)
	$(BIN)/python benchmarks/intake.py
	$(BIN)/python benchmarks/archive.py
	$(BIN)/python benchmarks/facts.py
	$(BIN)/python benchmarks/kernel.py
	$(BIN)/python benchmarks/from_store.py
	$(BIN)/python benchmarks/months.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/lighthouse.py
	$(BIN)/python benchmarks/forecast.py
	$(BIN)/python benchmarks/wide.py
	$(BIN)/python benchmarks/sign_in.py
	$(BIN)/python benchmarks/stopping.py
	$(BIN)/python benchmarks/demo_idle.py
	$(BIN)/python benchmarks/idle_writing.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/dossier_scale.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/sparkplug.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/opcua_values.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/mqtt_json.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/reconnects.py
	$(BIN)/python benchmarks/verdicts.py
	$(BIN)/python benchmarks/outage.py --share 0.01
	PYTHONPATH=tests/support $(BIN)/python benchmarks/disconnects.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/plant_load.py
	PYTHONPATH=tests/support $(BIN)/python benchmarks/collectors_killed.py
	$(BIN)/python benchmarks/rebuild_workers.py

# Every page in every language, by day and by night; the tests look at three of each.
axe: $(INSTALLED) peers
	LINEPROOF_AXE=all $(BIN)/python -m pytest tests/api/pages/test_browser.py -k a_page_is_whole --timeout=0

# So many inputs of each kind; the tests run a few of them every time.
INPUTS ?= 100000
fuzz: $(INSTALLED)
	LINEPROOF_FUZZ=$(INPUTS) $(BIN)/python -m pytest tests/fuzz --timeout=0

# So many faults of a whole simulated plant; SEED: of the first hundred, each goes on with the next.
FAULTS ?= 10000
SEED ?= 20260302
simulate: $(INSTALLED)
	LINEPROOF_FAULTS=$(FAULTS) LINEPROOF_SEED=$(SEED) $(BIN)/python -m pytest -s --timeout=0 \
		tests/simulation/test_by_seed.py -k no_fault_loses

# What the program is made of, as CycloneDX, and under which licences.
sbom: $(INSTALLED)
	mkdir -p build
	$(BIN)/lineproof licences --sbom build/sbom.cdx.json
	$(BIN)/lineproof licences > build/licences.txt

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info tests/peers/node_modules
