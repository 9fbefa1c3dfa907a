/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a table that was taken out of the tree. */
#ifndef MMU_RETIRE_H
#define MMU_RETIRE_H

#include "internal.h"
#include "base/op.h"

/*
 * Empty a table that was taken out of the tree, account for its entries, and
 * free it after a grace period. MMU_SHARED or MMU_EXCLUSIVE, RCU held.
 */
void mmub_retire_table(struct mmub_op *op, struct kvm_mmu_page *sp);

#endif /* MMU_RETIRE_H */
