PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test test-all check format lock benchmark

# Runs the workflow on generated data and says where the report is.
demo: .venv/ready
	$(BIN)/snakemake --workflow-profile profiles/cpu --quiet rules
	@echo "Report: $(CURDIR)/results/report.html"

# The default test suite; tests on real data need BASEWISE_DATA, see resources/README.md.
test: .venv/ready
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

# With the slow tests: the example configurations from end to end.
test-all: .venv/ready
	$(BIN)/pytest

# Format, lint and types.
check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

# Speed on one core against other tools, see benchmarks/README.md; needs BASEWISE_DATA.
benchmark: .venv/ready .benchmarks/ready
	$(BIN)/python benchmarks/extraction.py .benchmarks/venv/bin/python
	$(BIN)/python benchmarks/encoding.py
	$(BIN)/python benchmarks/batches.py

# Resolves the dependencies of pyproject.toml anew; needs uv.
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -o envs/requirements.txt
	$(PYTHON) envs/pin.py

.venv/ready: envs/requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --require-hashes -r envs/requirements.txt
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 .venv/lib scripts
	touch $@

.benchmarks/ready: Makefile
	$(PYTHON) -m venv .benchmarks/venv
	.benchmarks/venv/bin/python -m pip install \
		pyfaidx==0.9.2.2 seqpro==0.23.0 tangermeme==1.6.0 torch==2.15.0
	touch $@
