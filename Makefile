# Each target works in a fresh clone with nothing but Python and make, and installs nothing
# twice.  `make PYTHON=/path/to/python3.12 test` chooses the interpreter.

# Bounds: what the pins in constraints.txt support.
PYTHON := $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& { echo "$$p"; break; }; done)
BIN := .venv/bin
PEERS := torch torchvision pytorch-fid torch-fidelity clean-fid torchmetrics prdc sbi lightning \
	'ray[data]' dask accelerate diffusers tensorboard wandb mlflow-skinny sqlalchemy alembic \
	snakemake reftrace
# Trackio asks for pillow<13, and works with 13: it is installed without what it needs, which is this.
TRACKIO_NEEDS := brotli gradio-client httpx orjson python-multipart 'uvicorn[standard]'
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
PARALLEL := -n auto --maxprocesses 8
# Tests start hundreds of programs, each of which would compile the package once more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint format docs release-check peers bench clean

demo: .venv/installed
	$(BIN)/ganeval demo

test: .venv/installed
	$(BIN)/python -m pytest $(PARALLEL)

lint: .venv/installed
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy ganeval $(wildcard trainers)

format: .venv/installed
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# Strict, into build/site; open build/site/index.html.  Nothing is fetched, then or when it is read.
docs: .venv/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "build/site/index.html: open it in a browser"

# What must hold before a version is published; prints what is left to do by hand.
release-check: docs
	bash .ci/release

peers: .venv-peers/installed
	.venv-peers/bin/python -m pytest -m peers $(PARALLEL)

# Speed beside the peers; skips what benchmarks/speed/results.jsonl has from this machine.
bench: .venv-peers/installed
	.venv-peers/bin/python -m benchmarks.speed.run

# Keeps the environments; `rm -r .venv .venv-peers` makes them anew.
clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find ganeval tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A file `installed` says: this environment has what its prerequisites ask for.
.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing ganeval into .venv (a few minutes the first time)"
	$(BIN)/python $(PIP_INSTALL) -c constraints.txt -e '.[dev]'
	@touch $@

.venv-peers/installed: pyproject.toml constraints-peers.txt | .venv-peers/bin/python
	@echo "Installing ganeval and its peers into .venv-peers (several GB the first time)"
	.venv-peers/bin/python $(PIP_INSTALL) -c constraints-peers.txt -e '.[all,test,hub,umap]' $(PEERS) \
		$(TRACKIO_NEEDS)
	.venv-peers/bin/python $(PIP_INSTALL) -c constraints-peers.txt --no-deps trackio
	@touch $@

%/bin/python:
	@test -n "$(PYTHON)" || { echo "found no Python 3.11 to 3.14 on the path;" \
		"install one or name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $* || { rm -rf $*; exit 2; }
