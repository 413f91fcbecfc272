# `make` prints the menu. Needed: Python ≥ 3.11 and make; for KAFKA=apache also Java 17 and Maven.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := menu
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

KAFKA ?= embedded
ARGS ?=
export KAFKA

BASE_PYTHON = $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	&& echo $$each && break; done)
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
CODE := services shared deploy tests bench

# One process of tests per core, each with its own servers; whoever is done takes from the others.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist worksteal

# What uv is told, wherever it runs, so that the lock is the same for everybody; no index address.
LOCK_OPTIONS := --quiet --group local --group dev --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: menu install demo up test faults histoires check format docs lock bench clean

menu:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@printf '\nKAFKA=embedded (par défaut) | apache | docker, ou KAFKA_BOOTSTRAP, MONGO_URI, SMTP_URL\n'
	@printf 'ARGS="…" est passé à la commande : make test ARGS="tests/identity -x"\n'

##@ Faire tourner
demo: $(INSTALLED) ## jouer comptes, conventions et groupes, de bout en bout, puis tout arrêter
	$(PYTHON) -m deploy demo $(ARGS)

up: $(INSTALLED) ## laisser tourner la plateforme, avec des données d’exemple (Ctrl-C l’arrête)
	$(PYTHON) -m deploy up $(ARGS)

##@ Vérifier
check: $(INSTALLED) ## format, style, types, frontières, pages produites, compatibilité des contrats
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy $(CODE)
	$(VENV)/bin/lint-imports
	$(PYTHON) -m deploy docs --check --compatible-with HEAD
	$(PYTHON) -m deploy env --check

test: $(INSTALLED) ## tous les tests, les pannes en version courte
	$(PYTHON) -m pytest -m "not faults" $(SIDE_BY_SIDE) $(ARGS)

faults: KAFKA := $(if $(filter file,$(origin KAFKA)),apache,$(KAFKA))
faults: $(INSTALLED) ## les pannes en entier : tuer, couper, compter (KAFKA=apache par défaut)
	FAULTS=full $(PYTHON) -m pytest -m faults $(ARGS)

histoires: $(INSTALLED) ## les histoires de délégation et de droits en entier (une demi-heure)
	HISTOIRES=full $(PYTHON) -m pytest tests/habilitation/test_{delegation,droits_recalcules}.py $(ARGS)

bench: $(INSTALLED) ## mesurer, à côté de boucles nues et de Keycloak (écrit docs/benchmarks.md)
	$(PYTHON) -m bench $(ARGS)

##@ Écrire
format: $(INSTALLED) ## mettre le code en forme
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

docs: $(INSTALLED) ## refaire les pages et les fichiers produits à partir du code
	$(PYTHON) -m deploy docs
	$(PYTHON) -m deploy env

lock: $(INSTALLED) ## refaire requirements.lock à partir de pyproject.toml
	$(VENV)/bin/uv pip compile pyproject.toml $(LOCK_OPTIONS) -o requirements.lock $(ARGS)

##@ Installer
install: $(INSTALLED) ## créer .venv et y installer requirements.lock (les autres cibles le font)

clean: ## enlever .venv et les caches
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(INSTALLED): requirements.lock
	@test -n "$(BASE_PYTHON)" || { echo 'Il faut Python 3.11 ou plus récent.' >&2; exit 1; }
	@echo 'Installation de requirements.lock dans $(VENV)…'
	@test -x $(PYTHON) || $(BASE_PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'Le module venv manque : sur Debian, installer le paquet python3-venv.' >&2; exit 1; }
	@$(PYTHON) -m pip install --disable-pip-version-check --no-input --require-hashes \
		-r requirements.lock | while read -r line; do printf .; done; echo
	@touch $@
