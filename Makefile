# Two commands matter: `make demo` and `make test`. `make` alone tells them all.

# How long `make fuzz` looks for crashes, and in which reader alone; CONTRIBUTING.md lists them.
FUZZ_SECONDS ?= 300
READER ?=
# How many captures `make soak` simulates, and when it stops whatever it has done by then.
SOAK_CAPTURES ?= 100000
SOAK_SECONDS ?= 3600

# Where `make install` puts things; DESTDIR stands before it for those who make packages.
PREFIX ?= /usr/local
DESTDIR ?=

SOURCES = Package.swift Sources Tests Benchmarks Fuzz

.PHONY: help build install dist packages image check-dist check-packages check-image check-deploy check-install check-fleet demo test lab lint format bench instructions burst fixtures protobuf fuzz soak

help: ## Tell what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build dsrproof as it is released, with its manual page and completions
	@scripts/install-dependencies build
	swift build -c release --product dsrproof
	@scripts/make-companions

install: ## Install what `make build` built below PREFIX (/usr/local)
	@scripts/install-files "$(DESTDIR)$(PREFIX)"

dist: ## Build dist/dsrproof: one file for amd64 Linux that needs nothing but glibc 2.34
	@scripts/install-dependencies dist
	swift build -c release --product dsrproof
	scripts/make-dist

packages: build dist ## Pack dist/dsrproof as .deb, .rpm and tarball, with sums and a list of what is in it
	@scripts/install-dependencies packages
	scripts/make-packages

check-packages: packages ## Hold the packages to lintian and rpmlint, and install one in a smallest Debian 12 (as root)
	Tests/packages

image: dist ## Pack dist/dsrproof as an OCI image, without a daemon (as root)
	@scripts/install-dependencies image
	scripts/make-image

check-image: image ## Hold the image to what its archive says, and run it with the rights of a pod (as root)
	@swift build -c release --product dsrproof --quiet
	Tests/image

check-deploy: image ## Hold deploy/ to Kubernetes' schemas, and start the watch that it describes (as root)
	@scripts/install-dependencies deploy
	Tests/deploy

check-dist: dist ## Run dist/dsrproof in a smallest Debian 12, and hold it to what is built here (as root)
	@scripts/install-dependencies dist
	Tests/dist

check-install: ## Install into a folder of its own, and hold the manual page and completions to what shells make of them
	@scripts/install-dependencies test
	@swift build -c release --product dsrproof --quiet
	@scripts/make-companions
	Tests/install

check-fleet: ## Hold the Spark job of fleet/ to one process, while one of its workers dies, and its tables to the captures
	@scripts/install-dependencies fleet
	@swift build -c release --product dsrproof --quiet
	Tests/fleet

demo: ## Build, and verify the capture of the article that dsrproof comes from
	@scripts/install-dependencies build
	@echo "Building dsrproof (the first time takes some minutes) ..." >&2
	@swift build -c release --product dsrproof --quiet
	.build/release/dsrproof verify -r fixtures/seed.pcap --vip 10.1.10.10:80

test: ## Build and run every test
	@scripts/install-dependencies test
	swift test
	@echo "make test: every test passed"

lab: ## Play real topologies and hold dsrproof to their captures (as root)
	@test "$$(id -u)" -eq 0 || { echo "make lab: needs root: sudo make lab" >&2; exit 2; }
	@scripts/install-dependencies lab
	lab/run

lint: ## Check the format of every Swift file, and what the product imports
	swift format lint --strict --parallel --recursive $(SOURCES)
	@scripts/check-imports
	@echo "make lint: clean"

format: ## Format every Swift file
	swift format --in-place --parallel --recursive $(SOURCES)

bench: ## Time dsrproof side by side with its peers (writes 4 GB into Benchmarks/data)
	@scripts/install-dependencies bench
	Benchmarks/run

instructions: ## Count the instructions that a frame, a flow and the like cost, and hold them to the record
	@scripts/install-dependencies test
	@swift build -c release --product dsrproof --quiet
	Benchmarks/instructions

burst: ## Hold live capture to the bursts that tcpdump takes (as root)
	@scripts/install-dependencies test
	@swift build -c release --product dsrproof --quiet
	Benchmarks/burst

fixtures: ## Write fixtures/traps, the seed's captures and fixtures/LIST anew
	@scripts/install-dependencies build
	swift run --quiet make-fixtures fixtures

protobuf: ## Write Sources/EvidenceSchema anew from schema/evidence.proto
	@scripts/install-dependencies protobuf
	scripts/generate-protobuf

fuzz: ## Fuzz whatever reads what others wrote, for a while
	@scripts/install-dependencies test
	Fuzz/fuzz $(FUZZ_SECONDS) $(READER)

soak: ## Judge simulated captures, 100,000 of them, and hold each verdict against the truth
	@scripts/install-dependencies build
	swift run -c release --quiet soak --captures $(SOAK_CAPTURES) --seconds $(SOAK_SECONDS)
