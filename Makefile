# Two commands matter: `make book` and `make test`.  `make help` lists the others.

PYTHON ?= python3
# On Linux, the address of PyTorch's CPU builds keeps gigabytes of CUDA away: see README.
TORCH_INDEX ?=
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
N ?= 01

BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Pages and tests run side by side, so each keeps to one thread.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# All that the book is made of; a folder among them changes when a file in it is deleted.
PAGES := $(shell find api appendix chapters exercises ibcourse tests _ext _static -name node_modules -prune \
  -o -name __pycache__ -prune -o \( -type f -o -type d \) ! -name '*[: ]*' -print) \
  $(wildcard *.md *.yml *.bib *.txt)

.PHONY: help setup book test test-style test-units test-answers test-grader test-site serve lab homework lighthouse bench lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: .venv/ready  ## create .venv and install everything (the other targets do it when needed)

.venv/ready: requirements.txt tests/requirements.txt pyproject.toml _ext/package-lock.json
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { \
	  command -v $(PYTHON) > /dev/null || { echo "Set-up stopped: there is no $(PYTHON)."; \
	    echo "Name a Python of 3.11 to 3.13 with: make setup PYTHON=python3.12"; exit 1; }; \
	  $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	    echo "Set-up stopped: $$($(PYTHON) --version 2>&1) is not 3.11, 3.12 or 3.13."; \
	    echo "Name another with: make setup PYTHON=python3.12"; exit 1; }; \
	  $(PYTHON) -m venv --clear .venv || { \
	    echo "Set-up stopped: no virtual environment could be made; on Debian or Ubuntu: apt install python3-venv"; \
	    exit 1; }; }
	@echo "Installing the locked packages of requirements.txt ..."
	@$(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -r requirements.txt || { \
	  echo "Set-up stopped: pip could not install requirements.txt (its own message is above)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --no-deps -r tests/requirements.txt || { \
	  echo "Set-up stopped: pip could not install tests/requirements.txt (its own message is above)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . || { \
	  echo "Set-up stopped: the package ibcourse could not be installed from this folder."; exit 1; }
	@echo "Installing what typesets formulas ..."
	@$(BIN)/npm ci --prefix _ext --no-audit --no-fund --loglevel=error || { \
	  echo "Set-up stopped: npm could not install _ext/package-lock.json (its own message is above)."; exit 1; }
	@touch $@

book: _build/book  ## execute the pages and build the site in _build/html
	@echo "The book is in _build/html/index.html: open it in a browser."

_build/book: .venv/ready $(PAGES)
	@rm -f $@
	@# --all: without it a second run after a failed one would pass.
	$(BIN)/jupyter-book build --quiet --all -W --keep-going -n .
	@touch $@

test: test-style test-units test-answers test-grader  ## style, types, spelling, unit tests, homework, the grader and attacks on it

test-style: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

test-units: .venv/ready
	$(BIN)/pytest -q -n 2 -m "not browser" --ignore=tests/grading --ignore=tests/test_homework.py

test-answers: .venv/ready
	$(BIN)/pytest -q -n 2 tests/test_homework.py

# The grader's sandbox needs bubblewrap; where it cannot be installed these tests are skipped, and say so.
test-grader: .venv/ready
	@command -v bwrap > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing Debian's bubblewrap ..."; apt-get update -qq && apt-get install -qq -y --no-install-recommends bubblewrap > /dev/null; \
	  else echo "The sandbox's tests need bubblewrap: sudo apt install bubblewrap"; fi; }
	$(BIN)/pytest -q -n 2 tests/grading

test-site: _build/book  ## the built site in a browser: offline, keyboard, phone, dark, accessibility
	@test -n "$(CHROMIUM)" || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing Debian's Chromium ..."; apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium > /dev/null; \
	  else \
	    echo "The site's tests need Chromium: sudo apt install chromium, or name a browser with CHROMIUM=/path/to/chrome"; exit 1; \
	  fi; }
	CHROMIUM="$(or $(CHROMIUM),/usr/bin/chromium)" $(BIN)/pytest -q -n 2 --dist worksteal -m browser

serve: _build/book  ## serve the site on http://localhost:8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: .venv/ready  ## open lab N (make lab N=01) in JupyterLab; your copy is kept in my-work
	@mkdir -p my-work && cd my-work && ../$(BIN)/ibcourse lab $(N)

homework: .venv/ready  ## put homework N (make homework N=01) into my-work and open it
	@mkdir -p my-work && cd my-work && ../$(BIN)/ibcourse homework $(N)

lighthouse: _build/book  ## Lighthouse's mobile scores, median of three
	@$(BIN)/npm install --prefix _build/lighthouse --no-audit --no-fund --loglevel=error lighthouse@12.8.2
	CHROME_PATH="$(CHROMIUM)" $(BIN)/python tools/lighthouse.py index.html chapters/01-information/gibbs.html chapters/01-information/toolbox.html

bench: .venv/ready  ## measure speed beside the peers and record it (an hour; never in CI)
	@$(BIN)/python -m pip install --quiet --target _build/peers -r benchmarks/requirements.txt
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.rate_distortion _build/peers --record
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.bottleneck _build/peers --record
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.estimators _build/peers --record
	$(BIN)/python -m benchmarks.grading speed kill dask class --record

lock:  ## compile requirements.in into requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --no-annotate --upgrade \
	  --custom-compile-command "make lock" requirements.in --output-file requirements.txt

clean:  ## delete what can be rebuilt: .venv, _build, caches (never my-work)
	rm -rf .venv _build dist _ext/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './my-work/*' -prune -exec rm -rf {} +
