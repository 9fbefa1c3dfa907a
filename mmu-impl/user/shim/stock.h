/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Put in front of the stock sources (taken from KSRC at test time): what
 * they name beyond what our engine may use.
 */
#ifndef MMU_USER_STOCK_H
#define MMU_USER_STOCK_H

/* Skips the tracepoint definitions that stand beside the stock sources. */
#define _TRACE_KVMMMU_H
#define MMU_STOCK 1

#include "shim/hostkvm.h"

#define EMULTYPE_WRITE_PF_TO_SP 0

void kvm_prepare_memory_fault_exit(struct kvm_vcpu *vcpu, gpa_t gpa,
				   gpa_t size, bool is_write, bool is_exec,
				   bool is_private);

#endif
