# SPDX-License-Identifier: GPL-2.0
#
# How the crates are built without the kernel's Rust: Debian's source of core, rust/lite in place of
# the crate `kernel`, the flags that the kernel's makefiles have for Rust anyway; and all of it is
# linked to one object that holds only what is called.

rustbond-y += rust/lite/linked.o rust/lite/entry.o

rb-core := $(shell $(RUSTC) --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs
rb-core-edition := $(shell sed -n 's/^edition = "\(.*\)"/\1/p' $(dir $(rb-core))../Cargo.toml)

# On x86 the kernel's target is a file that is made for CONFIG_RUST only; on arm64 older kernels name
# one with hardware for floating point and take that away again, which rustc warns of.
ifeq ($(SRCARCH),x86)
rb-target-file := $(rb)/lite/target.json
endif
rb-target := $(or $(rb-target-file),aarch64-unknown-none-softfloat)
rb-own-flags := --edition=% -Zfunction-sections=% -Coverflow-checks=% -Zno-jump-tables -Cjump-tables=% \
	--target=% -Ctarget-feature="-neon"
rb-flags = $(filter-out $(rb-own-flags),$(rust_flags)) --edition=$(or $(rb-edition),2021) \
	--target=$(rb-target) -Zfunction-sections=y -Coverflow-checks=y \
	$(if $(CONFIG_X86_KERNEL_IBT)$(CONFIG_MITIGATION_RETPOLINE),$(if $(call rb-at-least,109300),-Cjump-tables=n,-Zno-jump-tables)) \
	--cfg MODULE --sysroot=/dev/null -Zunstable-options --crate-type rlib \
	$(addprefix -L $(rb)/,lite wire lag bindings netdev compat bond)

quiet_cmd_rb_target = TARGET  $@
      cmd_rb_target = RUSTC_BOOTSTRAP=1 $(RUSTC) --print target-spec-json -Zunstable-options \
	--target=x86_64-unknown-none | awk -f $(src)/rust/lite/target.awk \
	-v retpoline=$(CONFIG_MITIGATION_RETPOLINE) -v sls=$(CONFIG_MITIGATION_SLS) >$@
$(rb)/lite/target.json: $(src)/rust/lite/target.awk FORCE
	$(call if_changed,rb_target)
targets += rust/lite/target.json

quiet_cmd_rb_crate = RUSTC [M] $@
      cmd_rb_crate = RUSTC_BOOTSTRAP=1 $(RUSTC) $(rb-flags) $(rb-more) --crate-name $(rb-name) \
	--emit=metadata=$(dir $@)lib$(rb-name).rmeta --emit=obj=$@ --emit=dep-info=$(depfile) $<
# The source says no_std for cargo only where cargo builds it.
rb-driver := -Zcrate-attr=no_std --extern kernel

# rb-crate OBJECT,NAME,SOURCE AND WHAT IS BUILT BEFORE,MORE FLAGS
define rb-crate
$$(rb)/$(1): rb-name := $(2)
$$(rb)/$(1): rb-more = $(4)
$$(rb)/$(1): $(3) $$(rb-target-file) FORCE
	+$$(call if_changed_dep,rb_crate)
targets += rust/$(1)
endef

$(rb)/lite/core.o: rb-edition := $(rb-core-edition)
$(eval $(call rb-crate,lite/core.o,core,$$(rb-core),-Awarnings --cfg no_fp_fmt_parse))
$(eval $(call rb-crate,lite/compiler_builtins.o,compiler_builtins,$$(src)/rust/lite/compiler_builtins.rs $$(rb)/lite/core.o))
$(eval $(call rb-crate,lite/kernel.o,kernel,$$(src)/rust/lite/kernel.rs $$(rb)/lite/compiler_builtins.o,$$(rb-lints)))
$(eval $(call rb-crate,wire/wire.o,wire,$$(src)/rust/wire/wire.rs $$(rb)/lite/kernel.o,$$(rb-lints) -Aunused_attributes))
$(eval $(call rb-crate,lag/lag.o,lag,$$(src)/rust/lag/lag.rs $$(rb)/wire/wire.o,$$(rb-lints) --extern wire -Aunused_attributes))
$(eval $(call rb-crate,bindings/cbindings.o,cbindings,$$(src)/rust/bindings/cbindings.rs $$(rb)/bindings/generated.rs $$(rb)/lite/kernel.o,$$(rb-driver)))
$(eval $(call rb-crate,netdev/netdev.o,netdev,$$(src)/rust/netdev/netdev.rs $$(rb)/wire/wire.o $$(rb)/bindings/cbindings.o,$$(rb-driver) $$(rb-lints) --extern wire --extern cbindings))
$(eval $(call rb-crate,compat/compat.o,compat,$$(src)/rust/compat/compat.rs $$(rb)/lag/lag.o $$(rb)/netdev/netdev.o,$$(rb-driver) $$(rb-lints) --extern wire --extern lag --extern netdev --extern cbindings))
$(eval $(call rb-crate,bond/bond.o,bond,$$(src)/rust/bond/bond.rs $$(rb)/compat/compat.o,$$(rb-driver) $$(rb-lints) --extern wire --extern lag --extern netdev --extern compat))
$(eval $(call rb-crate,rustbond.o,rustbond,$$(src)/rust/rustbond.rs $$(rb)/bond/bond.o,$$(rb-driver) $$(rb-lints) --extern netdev --extern bond))

# A kernel with IBT has objtool look at the whole module; one without, at each object.
quiet_cmd_rb_link = LD [M]  $@
      cmd_rb_link = $(LD) -r $(KBUILD_LDFLAGS) --gc-sections -T $(src)/rust/lite/link.lds \
	-e rb_module_init -u rb_module_exit $(filter %.o,$(real-prereqs)) -o $@ $(cmd_objtool)
$(rb)/lite/linked.o: $(addprefix $(rb)/,rustbond.o bond/bond.o compat/compat.o netdev/netdev.o lag/lag.o wire/wire.o bindings/cbindings.o \
		lite/kernel.o lite/core.o) $(src)/rust/lite/link.lds FORCE
	$(call if_changed,rb_link)
targets += rust/lite/linked.o

# The numbers of error.rs, held against C's.
quiet_cmd_rb_errno = ERRNO   $@
      cmd_rb_errno = { echo '\#include <linux/errno.h>'; \
	sed -nE 's/^ +(E[A-Z0-9]+) = ([0-9]+),.*/static_assert(\1 == \2);/p' $< | sed '1i \#include <linux/build_bug.h>'; } >$@
$(rb)/lite/generated_errno.c: $(src)/rust/lite/error.rs FORCE
	$(call if_changed,rb_errno)
targets += rust/lite/generated_errno.c
rustbond-y += rust/lite/generated_errno.o
