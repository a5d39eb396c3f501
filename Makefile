PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
RESOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
# From the wheelhouse, where there is one; it holds the locks whose packages are in it.
INSTALL = $(BIN)/python -m pip install $(if $(wildcard wheelhouse),--no-index --find-links wheelhouse)
HOLDS = test ! -d wheelhouse || cmp -s envs/$(1) wheelhouse/$(1) \
	|| { echo "wheelhouse/ is not of envs/$(1) as it is now; $(2), or remove wheelhouse/" >&2; exit 1; }

.PHONY: demo test test-all test-slurm check format wheel lock wheelhouse gpu reanalyse benchmark

# Runs the workflow on generated data and says where the report is.
demo: .venv/ready
	$(BIN)/snakemake --workflow-profile profiles/cpu --quiet rules
	@echo "Report: $(CURDIR)/results/report.html"

# Builds results anew from their own record and compares every checksum: RESULTS=folder, by default
# results; INTO=new folder; DATA=folder of input files that lie elsewhere; YES=1 to be asked nothing;
# ARGS="what snakemake shall be told".
reanalyse: .venv/ready
	$(BIN)/python -P -m basewise.provenance.reanalysis $(if $(INTO),--into "$(INTO)") \
		$(if $(DATA),--data "$(DATA)") $(if $(YES),--yes) $(if $(TRUST_CODE),--trust-code) "$(or $(RESULTS),results)" $(ARGS)

# The default test suite; tests on real data need BASEWISE_DATA, see resources/README.md.
test: .venv/dev
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow and not slurm"

# With the slow tests: the example configurations from end to end.
test-all: .venv/dev
	$(BIN)/pytest

# On a SLURM cluster of its own on this machine; needs root, and Debian's packages or apt-get.
test-slurm: .venv/dev
	tests/slurm/install.sh
	$(BIN)/pytest -n 4 --dist loadfile -m slurm

# Format, lint and types.
check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

# The wheel, and beside it the bill of materials of what it needs; ends where a license is not allowed.
wheel: .venv/dev
	rm -rf dist
	$(BIN)/hatchling build -t wheel -d dist
	$(BIN)/python envs/inventory.py dist

# Speed against peers and limits, then against other tools, see benchmarks/README.md; needs
# BASEWISE_DATA, and an hour.
benchmark: .venv/ready .benchmarks/ready
	$(BIN)/python benchmarks/table.py .benchmarks/venv/bin/python
	$(BIN)/python benchmarks/encoding.py
	$(BIN)/python benchmarks/batches.py

# Resolves the dependencies of pyproject.toml anew, and from them those of envs/*.in; needs uv.
lock:
	$(RESOLVE) --group build pyproject.toml -o envs/requirements.txt
	$(RESOLVE) -c envs/requirements.txt --group dev -o envs/requirements-dev.txt
	$(RESOLVE) -c envs/requirements.txt envs/gpu.in -o envs/requirements-gpu.txt
	$(RESOLVE) -c envs/requirements.txt envs/analysis.in | $(PYTHON) envs/pin.py envs/analysis.yaml
	$(RESOLVE) -c envs/requirements.txt envs/keras.in | $(PYTHON) envs/pin.py envs/keras.yaml

# Everything that the lock names, to install from where there is no internet; GPU=1 for `make gpu` too,
# DEV=1 for `make test` and `make check`.
wheelhouse:
	rm -rf wheelhouse
	$(PYTHON) -m venv .venv
	for lock in requirements $(if $(GPU),requirements-gpu) $(if $(DEV),requirements-dev); do \
		$(BIN)/python -m pip download --no-deps --require-hashes \
			-r envs/$$lock.txt -d wheelhouse && cp envs/$$lock.txt wheelhouse || exit 1; \
	done

# NVIDIA's libraries on top, for TensorFlow and JAX on Linux; the driver is the machine's own.
gpu: .venv/ready
	@$(call HOLDS,requirements-gpu.txt,make wheelhouse GPU=1)
	$(INSTALL) --require-hashes -r envs/requirements-gpu.txt

# What a run needs.
.venv/ready: envs/requirements.txt pyproject.toml
	@$(call HOLDS,requirements.txt,make wheelhouse)
	$(PYTHON) -m venv .venv
	$(INSTALL) --no-compile --require-hashes -r envs/requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 .venv/lib scripts
	touch $@

# And what tests and checks need.
.venv/dev: .venv/ready envs/requirements-dev.txt
	@$(call HOLDS,requirements-dev.txt,make wheelhouse DEV=1)
	$(INSTALL) --no-compile --require-hashes -r envs/requirements-dev.txt
	rm -f .venv/lib/python3.*/site-packages/pyproject.toml # of roc-validator; Biopython would warn of it
	$(BIN)/python -m compileall -q -j 0 .venv/lib
	touch $@

.benchmarks/ready: Makefile
	$(PYTHON) -m venv .benchmarks/venv
	.benchmarks/venv/bin/python -m pip install \
		pyfaidx==0.9.2.2 seqpro==0.23.0 tangermeme==1.6.0 torch==2.15.0
	touch $@
