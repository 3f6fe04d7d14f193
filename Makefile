# One verb a task. Every target prepares the environment that it needs and can be run again.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# One more than processors of a small machine: tests wait for engines and servers.
WORKERS ?= 3

.PHONY: help env demo test coverage lint format bench lock clean

help:
	@echo "make demo    bring up the platform and two tenants in the embedded cloud, and use them"
	@echo "make test    run the tests"
	@echo "make coverage  run them slower, and say which lines no test reaches"
	@echo "make lint    ruff, strict types, import rules, workflows"
	@echo "make bench   measurements against a bare program and the plain CLI"
	@echo "make format  format the code"
	@echo "make lock    resolve the dependencies anew"
	@echo "make clean   stop the sandbox and remove what the targets made"

env: .venv/.stamp

.venv/.stamp: requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) bash scripts/make-env

demo: env
	@$(BIN)/python -m infra.demo

test: env
	@$(BIN)/bulkhead doctor --prepare
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

coverage: PYTEST_ARGS += --cov --cov-report=term:skip-covered
coverage: test

lint: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright --warnings
	@$(BIN)/python scripts/lint-workflows

format: env
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: env
	@$(BIN)/bulkhead doctor --prepare
	@$(BIN)/python -m bench

lock:
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-annotate --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra api --extra service --constraint requirements.lock --no-annotate --no-emit-find-links --no-header pyproject.toml -o requirements-service.lock

clean:
	@if [ -x $(BIN)/bulkhead ]; then $(BIN)/bulkhead sandbox down; fi
	rm -rf .venv .bulkhead .pytest_cache .ruff_cache .hypothesis .coverage .import_linter_cache
