# `make help` tells what there is. Everything is set up on first use and again when its inputs change.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
FLOORS := .venv-floors
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
LAB_SETTINGS := $(VENV)/share/jupyter/lab/settings
LAB = $(VENV)/bin/jupyter lab --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb \
    $(if $(filter 0,$(shell id -u)),--allow-root)
NPM := $(VENV)/bin/python js/npm.py
CHECK_YAML := $(VENV)/bin/check-jsonschema --quiet --builtin-schema
# A file of tests stays on one worker, with what it builds once. The long ones come early in the alphabet.
PYTEST := -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# What an environment is made from; a change of any of them installs anew.
INSTALLED_FROM := pyproject.toml js/hatch_build.py js/bundle.py js/npm.py

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo dev test test-js test-py test-floors lint format hosts looks bench docs animation coverage mutation soak build clean bundle js browser

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo bundle ## JupyterLab on the quickstart notebook, on a free port
	$(LAB) $(DEMO_OPTIONS)

dev: $(VENV)/.demo bundle ## The same, and each change of the front end shows at once in its open pages
	$(VENV)/bin/python js/dev.py $(LAB) $(DEMO_OPTIONS)

test: test-js test-floors test-py ## Every test: the front end, the oldest versions supported, everything else

test-js: $(VENV)/.demo js browser ## The front end's tests, in a browser, and how much of it they run
	CHROMIUM_PATH="$$(.ci/browser)" $(NPM) run coverage

test-py: $(VENV)/.dev bundle browser ## All Python tests, the ones in a real JupyterLab included
	CHROMIUM_PATH="$$(.ci/browser)" $(VENV)/bin/python $(PYTEST) $(PYTEST_OPTIONS)

test-floors: $(FLOORS)/.installed bundle ## The kernel's side with the oldest versions supported (Colab's)
	@$(FLOORS)/bin/python -c 'import sys, IPython, ipykernel, ipywidgets as w; print("Floors: Python", \
	    sys.version.split()[0], "IPython", IPython.__version__, "ipykernel", ipykernel.__version__, "ipywidgets", w.__version__)'
	$(FLOORS)/bin/python $(PYTEST) --ignore=tests/e2e --ignore=tests/test_fault_schedules.py \
	    --ignore=tests/test_code_blocks.py \
	    -m "not soak and not tools" $(PYTEST_OPTIONS)

lint: $(VENV)/.dev js ## Style, types and the direction of imports, in Python and TypeScript
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(NPM) run check
	$(CHECK_YAML) vendor.github-workflows .github/workflows/*.yml
	$(CHECK_YAML) vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(CHECK_YAML) vendor.dependabot .github/dependabot.yml
	$(VENV)/bin/pre-commit validate-config

format: $(VENV)/.dev js ## Bring all files into the project's style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(NPM) run format

hosts: $(VENV)/.dev js bundle browser ## Every host and kernel, and the table of them (the first run installs them)
	CHROMIUM_PATH="$$(.ci/browser)" $(NPM) run test -- hosts --reporter=default \
	    --reporter=json --outputFile.json=$(CURDIR)/test-results/hosts-page.json
	CHROMIUM_PATH="$$(.ci/browser)" RUSHES_PROOFS=test-results/hosts.json \
	    $(VENV)/bin/python -m pytest -n 2 --dist loadgroup -m "hosts or proves" --timeout=600 $(PYTEST_OPTIONS)
	$(VENV)/bin/python tests/hosts_table.py test-results/hosts.json test-results/hosts-page.json

looks: $(VENV)/.demo js browser ## The contact sheets: every state of card and board, in every theme, to look at
	rm -rf test-results/looks docs/looks
	CHROMIUM_PATH="$$(.ci/browser)" $(NPM) run test -- --project looks
	mkdir docs/looks
	cp test-results/looks/*.webp docs/looks/

bench: $(VENV)/.bench bundle browser ## The measurements
	@test -d bench || { echo "There is no bench/ here."; exit 1; }
	CHROMIUM_PATH="$$(.ci/browser)" $(VENV)/bin/python -m bench

docs: $(VENV)/.dev bundle ## The documentation, in test-results/site, with the notebooks as they run now
	$(VENV)/bin/python notebooks/render.py docs/notebooks
	$(VENV)/bin/zensical build --strict --clean
	$(VENV)/bin/python tests/site_links.py test-results/site

animation: $(VENV)/.dev bundle browser ## The README's pictures, from a real run
	CHROMIUM_PATH="$$(.ci/browser)" PYTHONPATH=tests $(VENV)/bin/python tests/e2e/animation.py

coverage: $(VENV)/.dev bundle browser ## The Python tests, and how much of the package they run (they take longer so)
	@mkdir -p test-results
	CHROMIUM_PATH="$$(.ci/browser)" $(VENV)/bin/python $(PYTEST) --cov $(PYTEST_OPTIONS)

mutation: $(VENV)/.mutation bundle ## Which changes to the core's pure parts no test notices (a quarter of an hour)
	$(VENV)/bin/mutmut run
	$(VENV)/bin/mutmut results

soak: $(VENV)/.dev bundle ## The long forms of the property tests
	$(VENV)/bin/python -m pytest -m soak --timeout=0 -s $(PYTEST_OPTIONS)

build: $(VENV)/.release ## The sdist, and the wheel made from it, in dist/ and checked (.ci/smoke tries them out)
	rm -rf dist
	$(VENV)/bin/python -m build
	$(VENV)/bin/twine check --strict dist/*
	$(VENV)/bin/check-wheel-contents dist/*.whl

clean: ## Remove everything that was built or installed here
	rm -rf $(VENV) $(FLOORS) dist js/node_modules src/rushes/static test-results docs/notebooks .cache mutants
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache

# Builds the front end where its sources are newer than what was built: told by their hash, so no stamp.
bundle: $(VENV)/.npm
	@$(VENV)/bin/python js/bundle.py

js: $(VENV)/.npm
	@$(VENV)/bin/python js/bundle.py ci

browser:
	@.ci/browser >/dev/null

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "rushes needs Python 3.10 or later. Name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
	    { echo "This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# Dependency groups came with pip 25.1.
	$(VENV)/bin/python $(PIP_INSTALL) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: $(VENV)/.made $(INSTALLED_FROM)
	$(VENV)/bin/python $(PIP_INSTALL) --editable . --group demo
	@# No question about news in front of the notebook.
	@mkdir -p $(LAB_SETTINGS)
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}' > $(LAB_SETTINGS)/overrides.json
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(VENV)/bin/python $(PIP_INSTALL) --group dev
	@touch $@

$(VENV)/.release: $(VENV)/.made pyproject.toml
	$(VENV)/bin/python $(PIP_INSTALL) --group release
	@touch $@

$(VENV)/.mutation: $(VENV)/.dev
	$(VENV)/bin/python $(PIP_INSTALL) --group mutation
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(VENV)/bin/python $(PIP_INSTALL) --group bench
	@touch $@

# Node.js from PyPI where the machine has none that is fit.
$(VENV)/.npm: $(VENV)/.made js/npm.py
	@needed="$$($(VENV)/bin/python js/npm.py --requirement)" && \
	    { test -z "$$needed" || $(VENV)/bin/python $(PIP_INSTALL) "$$needed"; }
	@touch $@

$(FLOORS)/.installed: $(INSTALLED_FROM)
	"$$(PYTHON=$(PYTHON) .ci/floors-python)" -m venv $(FLOORS)
	$(FLOORS)/bin/python $(PIP_INSTALL) --upgrade 'pip>=25.1'
	$(FLOORS)/bin/python $(PIP_INSTALL) --editable . --group floors
	@touch $@
