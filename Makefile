# make book     the report: _build/html/index.html
# make pdf      the report as one PDF, printed by chromium: _build/lottery-tickets.pdf
# make test     every test
# make check    lint, types and the tests that need no browser, no chapter and no Ray: some minutes
# make compute  train what is missing of the results; STUDY=name of one study (python -m lth_lib studies lists them);
#               SCALE=small in minutes; RAY=address on a Ray cluster, RAY=local on one started here
# make bench    time this machine: book/results/bench/
# make verify   check every committed result against its digest
# make clean    remove what was built, the environment apart

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := book
.PHONY: book pdf test check lint compute bench verify clean

PYTHON ?= python3
bin := .venv/bin
environment := .venv/.complete
ray := .venv/.ray
html := _build/html
chapters = $(shell grep -l code-cell index.md book/*.md 2>/dev/null)

# Inherited settings of Python or Jupyter would let another environment in.
unexport PYTHONHOME JUPYTER_PATH
export PATH := $(CURDIR)/$(bin):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

$(environment): requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed. Name one, as in: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Making the environment in .venv (a few minutes, once) ..."
	@$(PYTHON) -m venv .venv || { echo "Python cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(bin)/python -m pip install --quiet -r requirements.txt
	@# The library is imported from here, whatever the folder a notebook runs in.
	@$(bin)/python -c 'import site; open(site.getsitepackages()[0] + "/lth_lib.pth", "w").write("$(CURDIR)\n")'
	@touch $@

# Only the executor "ray" and its tests need Ray.
$(ray): requirements-ray.txt $(environment)
	@$(bin)/python -m pip install --quiet -r requirements.txt -r requirements-ray.txt
	@touch $@

# A notebook's cache would see neither the library nor the results change, so one digest of all decides; within a build
# the cache lets the chapters be executed side by side, one to a core. What fails there is executed again, and told.
book: export JUPYTERCACHE := $(CURDIR)/_build/.jupyter_cache
book: $(environment)
	@digest=$$($(bin)/python book/ext/digest.py); \
	if [[ -f $(html)/index.html && "$$(cat _build/digest 2>/dev/null)" == "$$digest" ]]; then \
	    echo "Nothing changed; the book is in $(html)/index.html"; exit 0; \
	fi; \
	rm -rf _build/digest $(html) _build/.doctrees _build/.jupyter_cache; \
	echo "Executing the chapters and building the book ..."; \
	$(bin)/jcache notebook add --reader myst_nb_md $(chapters) <<< y >/dev/null; \
	OMP_NUM_THREADS=1 $(bin)/jcache project execute --executor local-parallel --timeout 600 --verbosity ERROR >/dev/null; \
	$(bin)/jupyter-book build . -W -n --keep-going -q; \
	echo "$$digest" > _build/digest; \
	echo "The book is in $(html)/index.html"

pdf: book
	@$(bin)/python book/ext/pdf.py $(html) _build/lottery-tickets.pdf
	@echo "The book as one PDF is in _build/lottery-tickets.pdf"

lint: $(environment)
	@$(bin)/ruff check .
	@for chapter in $(chapters); do \
	    said=$$($(bin)/jupytext --from md:myst --check '$(CURDIR)/$(bin)/ruff check --ignore D,ANN,E402,E501,I001,B018 -' "$$chapter" 2>&1) \
	        || { echo "$$chapter, its code cells as one file:"; echo "$$said"; exit 1; }; \
	done
	@$(bin)/mypy

test: $(environment) $(ray)
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { echo "The book's tests need a browser; on Debian: apt-get install chromium chromium-driver" >&2; exit 1; }
	@$(MAKE) --no-print-directory --jobs 2 lint book
	@$(bin)/python -m pytest -n 3 --dist loadgroup --durations 40

# One thread to each process.
check: $(environment) lint
	@OMP_NUM_THREADS=1 $(bin)/python -m pytest -n auto --ignore tests/book --ignore tests/results/cluster

compute: $(environment) $(if $(RAY),$(ray))
	@$(bin)/python -m lth_lib compute $(if $(SCALE),--scale $(SCALE)) $(if $(STUDY),--study $(STUDY)) $(if $(RAY),--ray $(RAY))

bench verify: $(environment)
	@$(bin)/python -m lth_lib $@

clean:
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache
