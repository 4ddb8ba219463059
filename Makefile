# SPDX-License-Identifier: GPL-2.0
#
# What to type. The kernel's own makefiles read Kbuild; this one calls them.

# The kernel to build for. Without it, the one of scripts/sysroot; with it, the tools of this
# machine build for that kernel: make KDIR=/lib/modules/$(uname -r)/build
KDIR ?=

ifneq ($(KDIR),)
  in :=
else
  in := scripts/sysroot run
endif
kbuild = dir=$$(scripts/kbuild-dir $(KDIR)) && \
	$(in) $(MAKE) --no-print-directory -C "$$dir" M=$(CURDIR) -j$(shell nproc) $(if $(V),V=$(V))

# The kernel's makefiles and the root folder's make are other makes: neither flags nor jobs
# of this one are theirs.
unexport MAKEFLAGS MAKELEVEL MFLAGS
MAKE := make

.DEFAULT_GOAL := modules

.PHONY: modules
modules: ## Build rustbond.ko (KDIR=folder: for that kernel, with this machine's tools)
	+@$(kbuild) modules
