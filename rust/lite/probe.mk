# SPDX-License-Identifier: GPL-2.0
#
# Finds out what the module is built on, says so in one line, and refuses what would not work:
# rb-lite is empty if it is the kernel's own Rust, else why it is rust/lite.
#
# LITE=1 takes rust/lite on a kernel with Rust, too.

rb-rustc-text := $(shell $(RUSTC) --version 2>/dev/null)
# 1.85.1 is 108501.
rb-rustc := $(shell echo '$(rb-rustc-text)' | sed -nE 's/^rustc ([0-9]+)\.([0-9]+)\.([0-9]+).*/\1 \2 \3/p' | awk '{ print $$1 * 100000 + $$2 * 100 + $$3 }')
rb-at-least = $(shell test "$(rb-rustc)" -ge $(1) && echo y)

ifneq ($(LITE),)
rb-lite := as LITE=$(LITE) asks
else ifneq ($(CONFIG_RUST),y)
rb-lite := no CONFIG_RUST
else ifeq ($(wildcard $(objtree)/rust/libkernel.rmeta),)
rb-lite := no metadata of the kernel's Rust crates in $(objtree)
endif

# The kernel's makefiles read this for cleaning and linking, too: it is said and refused once.
ifeq ($(notdir $(firstword $(MAKEFILE_LIST))),Makefile.build)

rb-says = rustbond: $(KERNELRELEASE):

ifneq ($(shell test $(VERSION)$(shell printf %03d $(PATCHLEVEL)) -lt 6012 && echo y),)
$(error $(rb-says) this kernel is older than 6.12, the first that rustbond is made for: take a newer one)
endif
ifeq ($(rb-rustc),)
$(error $(rb-says) there is no rustc: install it, on Debian by 'apt-get install rustc rust-src bindgen')
endif
ifeq ($(call rb-at-least,108500),)
$(error $(rb-says) '$(rb-rustc-text)' is too old: rustc 1.85 or newer is needed)
endif
ifeq ($(shell $(BINDGEN) --version 2>/dev/null),)
$(error $(rb-says) there is no bindgen: install it, on Debian by 'apt-get install bindgen')
endif

ifneq ($(rb-lite),)
ifeq ($(wildcard $(shell $(RUSTC) --print sysroot)/lib/rustlib/src/rust/library/core/src/lib.rs),)
$(error $(rb-says) the source of Rust's core library is missing: install it, on Debian by 'apt-get install rust-src')
endif
ifeq ($(filter x86 arm64,$(SRCARCH)),)
$(error $(rb-says) for $(SRCARCH) rustbond has no flags to build Rust with)
endif
# Kconfig keeps a kernel with Rust from these; nobody keeps one without it.
ifeq ($(CONFIG_RANDSTRUCT),y)
$(error $(rb-says) its structures are laid out at random (CONFIG_RANDSTRUCT), which Rust cannot know: take a kernel without it)
endif
ifneq ($(CONFIG_CFI_CLANG)$(CONFIG_CFI),)
ifneq ($(CONFIG_RUST),y)
$(error $(rb-says) it checks the types of the functions it calls (CONFIG_CFI), and is not made for those of Rust: take a kernel with CONFIG_RUST or without CONFIG_CFI)
endif
endif
ifeq ($(CONFIG_KASAN_SW_TAGS),y)
$(error $(rb-says) CONFIG_KASAN_SW_TAGS does not go with Rust: take a kernel without it)
endif
$(info $(rb-says) $(rb-lite), built on rust/lite by $(wordlist 1,2,$(rb-rustc-text)))
else
$(info $(rb-says) CONFIG_RUST, built on the kernel's own crates by $(wordlist 1,2,$(rb-rustc-text)))
endif

endif
