# make run   sets up what the app needs in .venv/ and opens it on http://127.0.0.1:7860; TORCH=cpu or TORCH=cuda chooses PyTorch's build
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
	@$(PY) .ci/install.py -r requirements.txt
	@touch $@

$(VENV)/.requirements-test: requirements-test.txt requirements-test-alone.txt $(VENV)/.requirements
	@$(PY) .ci/install.py -r requirements.txt -r requirements-test.txt
	@$(PY) .ci/install.py --no-deps -r requirements-test-alone.txt
	@touch $@

$(PY):
	@PYTHON="$(PYTHON)" sh .ci/venv $(VENV)

clean:
	rm -rf $(VENV)
