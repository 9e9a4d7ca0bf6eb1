# Each target is one line of `python -m bookkit`; README.md says how to run them without make.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
TESTABLE := $(VENV)/.testable
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check

.PHONY: book test lab serve clean references lock

book: $(READY)
	$(RUN) -m bookkit build

# On all cores; a session's dear fixtures stay with one worker (xdist_group).
test: $(TESTABLE)
	$(RUN) -m pytest -n auto --dist loadgroup

# JupyterLab in an environment of its own, as a reader would have it.
NOTEBOOKS ?= _build/notebooks
lab: .venv-lab/.ready book
	.venv-lab/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps $(NOTEBOOKS)/*.whl
	cd $(NOTEBOOKS) && $(CURDIR)/.venv-lab/bin/python -m jupyterlab

serve: $(READY)
	$(RUN) -m bookkit serve

references: $(READY)
	$(RUN) -m bookkit references

clean: $(READY)
	$(RUN) -m bookkit clean

# For maintainers: writes the lock anew after a change of pyproject.toml.
COMPILE := -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml
lock: $(READY)
	$(INSTALL) uv
	$(RUN) $(COMPILE) --extra book --output-file requirements.lock
	$(RUN) $(COMPILE) --extra book --extra test --constraint requirements.lock --output-file requirements-test.lock
	$(RUN) $(COMPILE) --extra lab --constraint requirements.lock --output-file requirements-lab.lock

.venv-lab/.ready: requirements-lab.lock
	$(PYTHON) -m venv .venv-lab
	.venv-lab/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lab.lock
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, found: $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $(READY)

$(TESTABLE): $(READY) requirements-test.lock
	$(INSTALL) --require-hashes -r requirements-test.lock
	@touch $(TESTABLE)
