/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a fault. */
#ifndef MMU_USER_FAULT_H
#define MMU_USER_FAULT_H

#include "sim/hw.h"

int fault_handle(struct kvm_vcpu *vcpu, const struct hw_fault *f,
		 bool prefetch);

#endif
