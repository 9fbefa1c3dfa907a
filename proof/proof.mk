# SPDX-License-Identifier: GPL-2.0-only
# Mutants of KVM's MMU against our tests.  Included by the top Makefile.

PROOF_SET ?= stock
PROOF_HOSTS ?= amd-npt,amd-shadow
PROOF_ARGS ?= --first

.PHONY: proof
proof: all $(B)/.setup-lab ## break KVM's MMU in a hundred ways, see which test notices
	@proof/build $(B) "$$(cat $(B)/ksrc.path)" $(PROOF_SET)
	@mmu-impl/host/selftests-build $(B)/mmu-impl/host "$$(cat $(B)/ksrc.path)"
	@proof/run $(B) --set $(PROOF_SET) --hosts $(PROOF_HOSTS) $(PROOF_ARGS)
