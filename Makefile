# `make help` lists what is here. On a fresh machine: `make demo`, then `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# rustup puts cargo here, and a shell that was open before does not know it yet.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

CARGO ?= cargo
# Seconds that `make fuzz` gives each target.
FUZZ_SECONDS ?= 60
# How long `make torture` puts the relay under load (it ends at most six minutes after that), how often it kills it, and
# how many generated histories it lives through. A run that is to be repeated is given its seed: TORTURE_SEED=…
TORTURE_SECONDS ?= 600
TORTURE_KILLS ?= 24
SIMULATION_CASES ?= 500
CARGO_DENY_VERSION := 0.20.2

.PHONY: help demo test torture test-peers bench bench-large fuzz fmt fmt-check clippy deny check

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build the relay and show one notification in each form, from sender to phone
	@scripts/needs build
	$(CARGO) run --locked --quiet --bin sealpush -- demo

test: ## run every test of the workspace, with the documentation's examples
	@scripts/needs test
	$(CARGO) test --workspace --locked --no-fail-fast

torture: ## break what may break around the relay for TORTURE_SECONDS, and count what was lost
	@scripts/needs test
	TORTURE_SECONDS=$(TORTURE_SECONDS) TORTURE_KILLS=$(TORTURE_KILLS) $(CARGO) test --locked --test it -- \
	    --ignored --exact --nocapture torture::nothing_accepted_is_lost_however_long_it_goes_on
	SIMULATION_CASES=$(SIMULATION_CASES) $(CARGO) test --locked --test it -- \
	    --exact simulation::every_generated_history_keeps_the_promise

test-peers: ## run software that is not ours against the envelope and the push simulators
	@scripts/needs peers
	@scripts/test-peers

bench: ## measure on this machine, and print the figures
	@scripts/needs build
	$(CARGO) bench --workspace --locked --bench "*"

bench-large: ## a million registrations, a deep outbox, a million deliveries that drain (ten minutes)
	@scripts/needs build
	$(CARGO) bench --locked --bench relay -- large

fuzz: ## fuzz each decoder for FUZZ_SECONDS (nightly Rust and cargo-fuzz)
	@scripts/needs fuzz
	@cd fuzz; for target in $$($(CARGO) +nightly fuzz list); do \
	    echo "== fuzz: $$target, $(FUZZ_SECONDS) s"; \
	    mkdir -p corpus/$$target; inputs=(corpus/$$target); options=(-max_total_time=$(FUZZ_SECONDS)); \
	    if [ -d seeds/$$target ]; then inputs+=(seeds/$$target); fi; \
	    if [ -f $$target.dict ]; then options+=(-dict=$$target.dict); fi; \
	    $(CARGO) +nightly fuzz run $$target "$${inputs[@]}" -- "$${options[@]}"; \
	done

fmt: ## format the code
	$(CARGO) fmt --all

fmt-check: ## fail where the code is not formatted
	$(CARGO) fmt --all --check

clippy: ## lint everything; a warning is an error
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

deny: ## check licences, banned crates and sources of the dependencies
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny --version $(CARGO_DENY_VERSION)
	$(CARGO) deny --locked check bans licenses sources

check: fmt-check clippy deny test ## all that a change has to pass, but for the peers
