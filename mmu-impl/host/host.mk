# SPDX-License-Identifier: GPL-2.0-only
#
# The host side of the MMU: patch series, modules, packages, emulated hosts.
# Included by mmu-impl/Makefile; can also be used alone: make -f host/host.mk
#
# KSRC=   kernel sources: a tree, a tarball, or a version (default 6.12)
# KHDR=   kernel headers: a directory, a release, "cloud" or "generic"
# PLACES= which parts of check-host to run (default: all but quick)
# TABLES= which tables of "ab" to make: counts hold intel amd (default: all)
# DESTDIR= root below which install and uninstall work

HOST := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
HOST_TOP := $(HOST)/../..
HOST_BUILD ?= $(HOST_TOP)/build/mmu-impl/host
HOST_JOBS ?= 2
KSRC ?=
KHDR ?=
DESTDIR ?=
PLACES ?=
TABLES ?=

.PHONY: host-lab host-setup patchset modules modules-stock install uninstall deb dkms \
	check-host check-hooks check-deploy ab

host-setup:
	@$(HOST_TOP)/tools/setup build mmu-host

patchset: host-setup ## write the patch series for KSRC to build/mmu-impl/host/patchset
	@$(HOST)/make-patchset "$(HOST_BUILD)" "$(KSRC)"

modules: host-setup ## build kvm.ko, kvm-amd.ko, kvm-intel.ko with our engine
	@JOBS=$(HOST_JOBS) $(HOST)/make-modules "$(HOST_BUILD)" "$(KSRC)" "$(KHDR)" own

modules-stock: host-setup ## build the three modules with the stock engine, for comparison
	@JOBS=$(HOST_JOBS) $(HOST)/make-modules "$(HOST_BUILD)" "$(KSRC)" "$(KHDR)" stock

install: modules ## install the modules to /lib/modules/RELEASE/updates
	@$(HOST)/deploy install "$(HOST_BUILD)/modules" "$(DESTDIR)"

uninstall: ## remove the modules again
	@$(HOST)/deploy uninstall "$(HOST_BUILD)/modules" "$(DESTDIR)"

deb: modules ## make a Debian package of the modules
	@$(HOST)/deploy deb "$(HOST_BUILD)/modules" "$(HOST_BUILD)"

dkms: ## make a Debian package that DKMS rebuilds for each new kernel
	@$(HOST)/make-dkms "$(HOST_BUILD)" "$(KSRC)"

check-hooks: ## check that hooks refuse trees they do not fit (boots no kernel)
	@$(HOST)/check-hooks "$(HOST_BUILD)" "$(KSRC)"

check-deploy: host-setup ## check installation, packages and refusals, in directories that stand for hosts
	@$(HOST_TOP)/tools/setup mmu-deploy
	@JOBS=$(HOST_JOBS) $(HOST)/check-deploy "$(HOST_BUILD)" "$(KSRC)" "$(or $(KHDR),cloud)"

# The hosts are those of the lab.
host-lab:
	@$(MAKE) -s --no-print-directory -C $(HOST_TOP) all KSRC="$(KSRC)"

check-host: host-lab ## boot hosts with stock modules and with ours, compare upstream's tests (PLACES="cloud shadow nested debug modules tree")
	@JOBS=$(HOST_JOBS) $(HOST)/check-host "$(HOST_BUILD)" "$(KSRC)" "$(KHDR)" $(PLACES)

ab: host-lab ## measure the A/B tables of README.md
	@JOBS=$(HOST_JOBS) $(HOST)/ab/run "$(HOST_BUILD)" "$(KSRC)" "$(KHDR)" $(TABLES)
