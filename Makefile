# SPDX-License-Identifier: GPL-2.0
#
# What to type. The kernel's own makefiles read Kbuild; this one calls them.

ifneq ($(words $(CURDIR)),1)
$(error the folder "$(CURDIR)" has a blank in its name, which the kernel's makefiles cannot take: move it elsewhere)
endif

# The kernel to build for. Without it, the one of scripts/sysroot, with the tools there; with it,
# the tools of this machine: make KDIR=/lib/modules/$(uname -r)/build
KDIR ?=
# Another of Debian's kernels to build for and to test on, fetched by scripts/sysroot: 6.12,
# 6.12-rt, 6.12-amd64, 6.12-cloud-arm64, sid, a whole release; or lite, the usual one as if it had no
# Rust. What is built goes to out/$(KERNEL).
KERNEL ?=
# LITE=1: build on rust/lite even if the kernel has Rust.
LITE ?=
export KERNEL LITE
# QUICK=1: build the driver incrementally, in seconds, for trying out.
QUICK ?=
# How often check-system boots each of its machines.
BOOTS ?= 1
export BOOTS
# Where `install` puts things, as with the kernel's own makefiles: a folder that stands for /.
INSTALL_MOD_PATH ?=
root := $(abspath $(INSTALL_MOD_PATH))
# Which tests `check` runs: those whose name holds this pattern.
T ?=

run := scripts/sysroot run
# The same in the root folder that the kernel is built in: sid's are not built by trixie's tools.
run-other = $(if $(filter sid%,$(KERNEL)),ROOT_SUITE=sid) $(run)
# The make that builds the module is another one, perhaps of another version: it gets neither
# the flags nor the jobs of this one.
kmake = dir=$$(scripts/kbuild-dir $(KDIR)) && $(if $(KDIR),,$(run)) \
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	make --no-print-directory -C "$$dir" M=$(CURDIR) -j$$(nproc) $(if $(V),V=$(V)) $(if $(QUICK),QUICK=1) $(if $(LITE),LITE=1)
# The same in a copy in out/$(1), for what is built stays beside its source.
copy = mkdir -p out/$(1) && \
	$(run) rsync -a --exclude='.*' --exclude='*.o' --exclude='*.rmeta' --exclude='generated*' \
		--exclude=incremental --exclude=target Kbuild rust out/$(1)
kmake-other = dir=$$(scripts/kbuild-dir --kernel $(KERNEL)) && $(call copy,$(KERNEL)) && \
	$(run-other) env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	make --no-print-directory -C "$$dir" M=$(CURDIR)/out/$(KERNEL) -j$$(nproc) $(if $(V),V=$(V)) \
		$(if $(LITE)$(filter lite,$(KERNEL)),LITE=1)
# For the debug kernel, which clang builds.
kmake-debug = dir=$$(scripts/kernel --build debug) && $(call copy,debug) && \
	$(run) env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	make --no-print-directory -C "$$dir" M=$(CURDIR)/out/debug LLVM=1 -j$$(nproc) $(if $(V),V=$(V))

.DEFAULT_GOAL := modules
.PHONY: modules modules-debug samples cli install uninstall deb lint tables test-host check check-kernels check-system fuzz fuzz-corpus check-upstream bench soak docs rust-project demo clean distclean help

# In memory the names of all symbols stay, so they are made short.
slim = $(if $(KDIR),,$(run)) scripts/slim $(if $(KERNEL),out/$(KERNEL)/)rustbond.ko $(if $(filter %arm64,$(KERNEL)),aarch64-linux-gnu-,$(CROSS_COMPILE))

modules: ## Build rustbond.ko (KDIR=folder: for that kernel; KERNEL=6.12: out/6.12/rustbond.ko; QUICK=1: to try out)
	@$(if $(and $(KERNEL),$(KDIR)),echo "make: KDIR and KERNEL both name a kernel: say one of them" >&2; exit 1)
	@$(if $(KERNEL),$(kmake-other),$(kmake)) modules
	@$(slim)

modules-debug: ## Build out/debug/rustbond.ko, for the debug kernel, and that if it is not there
	@$(kmake-debug) modules

SAMPLES := rb_dummy rb_mirror
samples: ## Build the samples of rust/netdev, the smallest drivers there can be: out/samples/*/*.ko
	@dir=$$(scripts/kbuild-dir) $(foreach sample,$(SAMPLES), && $(call copy,samples/$(sample)) && \
	$(run) env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -C "$$dir" \
		M=$(CURDIR)/out/samples/$(sample) SAMPLE=$(sample) -j$$(nproc) $(if $(V),V=$(V)) modules)

# The folder that Debian's ip loads link kinds from has both.
plugin = $(run) gcc-14 -std=gnu11 -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -Wall -Wextra -Wno-address -Werror \
	-fPIC -shared -Wl,-z,relro,-z,now -o out/cli/$(1).so rust/cli/iproute2/$(1).c

cli: ## Build the command rustbond, and what lets ip know the kind, in out/cli
	@mkdir -p out/cli
	@$(run) cargo build --quiet --release --locked --manifest-path rust/cli/Cargo.toml --target-dir out/cargo/cli
	@cp out/cargo/cli/release/rustbond out/cli/
	@$(run) out/cli/rustbond man >out/cli/rustbond.8
	@$(run) scripts/package/licences >out/cli/licences
	@for shell in bash zsh fish; do $(run) out/cli/rustbond completions $$shell >out/cli/rustbond.$$shell || exit; done
	@$(call plugin,link_rustbond)
	@$(call plugin,link_rustbond_slave)

install: ## Install rustbond.ko for the kernel of KDIR, as root (DROP_IN=1: in the place of bonding)
	@INSTALL_MOD_PATH="$(root)" DROP_IN=$(DROP_IN) scripts/install install $(KDIR)

uninstall: ## Remove it, for the kernel of KDIR or for all, as root (DROP_IN=1: only out of the place of bonding)
	@INSTALL_MOD_PATH="$(root)" DROP_IN=$(DROP_IN) scripts/install uninstall $(KDIR)

deb: cli ## Make Debian's packages in out/deb: the module for DKMS, what puts it in the place of bonding, the command
	@scripts/package/deb

lint: modules ## Check style and lints: rustfmt, clippy, where unsafe stands, stack frames, shellcheck
	@$(run) scripts/lint

# Rust's example, what it is asked for, and the file that it makes.
made = $(run) cargo run --quiet --manifest-path rust/lag/Cargo.toml --example $(1) > out/made && mv out/made $(2)

tables: ## Write anew what is made from the option table, the netlink family, the machines of LACP, the clauses cited
	@mkdir -p out
	@$(call made,options,Documentation/option-reference.rst)
	@$(call made,options json,selftests/lib/options.json)
	@$(call made,options params,rust/bindings/param_texts.h)
	@mkdir -p Documentation/netlink
	@$(call made,family,Documentation/netlink/rustbond.yaml)
	@$(call made,lacp_tables,Documentation/lacp-machines.rst)
	@$(call made,lacp_tables dot,Documentation/lacp-machines.dot)
	@$(run) scripts/clauses > out/made && mv out/made Documentation/clauses.rst

# Another processor's, for test-host: emulated, so that fewer of a property's cases are tried.
TARGET ?=
cross = env PROPTEST_CASES=64 CARGO_PROFILE_TEST_OPT_LEVEL=1 CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER=s390x-linux-gnu-gcc \
	CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUNNER='qemu-s390x -L /usr/s390x-linux-gnu'

test-host: ## Run the tests of rust/lag, rust/lite and rust/cli on this machine (TARGET=s390x: as if on that one)
ifneq ($(TARGET),)
	@scripts/sysroot tools $(TARGET)
	@$(run) $(cross) cargo test --quiet --manifest-path rust/lag/Cargo.toml --target $(TARGET)-unknown-linux-gnu
else
	@$(run) cargo test --quiet --manifest-path rust/lag/Cargo.toml
	@$(run) cargo test --quiet --manifest-path rust/lite/Cargo.toml --target-dir out/cargo/lite
	@$(run) cargo test --quiet --release --locked --manifest-path rust/cli/Cargo.toml --target-dir out/cargo/cli
endif

check: modules ## Run all tests: the core's, then those in QEMU (T=pattern: only those)
	@scripts/check $(if $(T),"$(T)")

check-kernels: ## Build for each of Debian's kernels and run some tests on it (T="6.12 lite": on those; PUBLISH=1)
	@KERNEL= LITE= scripts/check-kernels $(if $(PUBLISH),--publish) $(T)

check-system: ## Boot a whole Debian with the packages, upgraded, with Secure Boot (T=pattern; BOOTS=n: n times each)
	@scripts/check-system $(if $(T),"$(T)")

fuzz: ## Fuzz the core (T=target: only that one; SECONDS=60: for so long each)
	@scripts/fuzz $(or $(T),"") $(SECONDS)

fuzz-corpus: ## Capture anew what fuzzing starts from, in QEMU
	@scripts/fuzz --capture

check-upstream: modules ## Run native bonding's own tests on rustbond and on native (T=pattern)
	@scripts/check-upstream $(if $(T),"$(T)")

bench: modules ## Count what a bond costs, beside native bonding and team (T=pattern: only those cases)
	@scripts/bench $(if $(T),"$(T)")

soak: modules-debug ## Churn bonds at random on the debug kernel (MINUTES=20, SEED=n: the same again)
	@scripts/soak $(or $(MINUTES),20) $(SEED)

docs: modules ## Make the site in out/docs/html: these pages and those of the crates; warnings are errors
	@scripts/docs

rust-project: modules ## Write rust-project.json, by which rust-analyzer knows our crates and those of the kernel
	@$(if $(KDIR),,$(run)) scripts/rust-project

demo: ## Show a bond that survives the loss of a link
	@scripts/demo

clean: ## Remove what was built here
	@find . \( -name .git -o -name target \) -prune -o -type f \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '*.rmeta' -o -name '*.rlib' -o -name '.*.cmd' -o -name '*.symvers' -o -name modules.order \
		-o -path './rust/*/generated*' -o -path ./rust/lite/target.json \) -exec rm -f {} +
	@rm -rf out rust/bond/incremental rust-project.json

distclean: ## Remove that, and the root folder and images in the cache
	@rm -rf out rust/bond/incremental rust-project.json
	@scripts/sysroot remove

help: ## List the targets
	@echo "make TARGET, one of:"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'\t' '{ printf "%-14s %s\n", $$1, $$2 }'
