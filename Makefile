# make run   sets up what the app needs in .venv/ and opens it on http://127.0.0.1:7860
# make test  sets up what the tests need too (a browser and node from Debian's packages) and runs them all
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=

.PHONY: run test browser clean

run: $(VENV)/.requirements
	@$(PY) app.py

test: $(VENV)/.requirements-test browser
	@$(PY) -m pytest $(PYTEST_ARGS)

browser:
	@sh tests/browser/install.sh

$(VENV)/.requirements: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.requirements-test: requirements-test.txt requirements-test-alone.txt $(VENV)/.requirements
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-test.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-test-alone.txt
	@touch $@

$(PY):
	@PYTHON="$(PYTHON)" sh .ci/venv $(VENV)

clean:
	rm -rf $(VENV)
