# Each target is one line of `python -m bookkit`; README.md says how to run them without make.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: book test serve clean references lock

book: $(READY)
	$(RUN) -m bookkit build

test: $(READY)
	$(RUN) -m pytest

serve: $(READY)
	$(RUN) -m bookkit serve

references: $(READY)
	$(RUN) -m bookkit references

clean: $(READY)
	$(RUN) -m bookkit clean

# For maintainers: writes the lock anew after a change of pyproject.toml.
lock: $(READY)
	$(RUN) -m pip install --quiet uv
	$(RUN) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--extra book --extra test pyproject.toml --output-file requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, found: $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
