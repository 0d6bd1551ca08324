# make run    set everything up and serve the library on http://127.0.0.1:8000
# make devnet a library on a stand-in Filecoin network of this machine, to try everything
# make test   everything the tests need, then the tests; test-encrypted has them all encrypted
# make test-browser every flow of the pages in a real browser, by mouse and with the keys
# make test-looks every page in every state, for axe; pictures of them in build/pictures
# make test-network  everything that can go wrong on a network, one by one
# make test-kills   the worker killed a hundred times while films are stored
# make check  format, lint, types, migrations, deployment settings
# make bench  the figures, as ratios in one run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What a virtual environment holds is named by a stamp of the requirements it came from.
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools

.PHONY: run worker demo devnet test test-encrypted test-browser test-looks test-network test-kills quick check bench format clean

run: $(RUNTIME) $(BIN)/filmedia
	@exec $(BIN)/python manage.py serve

demo: $(RUNTIME)
	@$(BIN)/python manage.py demo

devnet: $(TOOLS) node_modules/.stamp
	@$(BIN)/python -m tests.foc.devnet data/devnet

test: $(TOOLS) node_modules/.stamp $(BIN)/filmedia
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long and not looks and not pages"

test-browser: $(TOOLS) node_modules/.stamp
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest -m pages

test-looks: $(TOOLS) node_modules/.stamp
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest -m looks

test-encrypted: export ENCRYPT_PUBLIC = 1
test-encrypted: test

test-network: $(TOOLS) node_modules/.stamp
	$(BIN)/python -m pytest -m long -k "not killed"

test-kills: export KILLS = 100
test-kills: $(TOOLS) node_modules/.stamp
	$(BIN)/python -m pytest tests/network/test_killed.py -s

quick: $(TOOLS)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not looks" -x -q

check: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	SITE_URL=https://films.example.org ALLOWED_HOSTS=films.example.org \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(TOOLS) node_modules/.stamp
	$(BIN)/python -m benchmarks

format: $(TOOLS)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "filmedia needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(TOOLS): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The command-line client. It finds its own place, so it can be linked from anywhere.
$(BIN)/filmedia: | $(VENV)/bin/python
	@ln -sf ../../filmedia/client/filmedia.sh $@

node_modules/.stamp: package.json package-lock.json $(TOOLS)
	$(BIN)/python -m tests.node npm ci --silent --no-audit --no-fund
	@touch $@

clean:
	rm -rf $(VENV) node_modules build
