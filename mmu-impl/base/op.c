// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who pays for a stale TLB, and when?
 *
 * An operation collects the strictest promise its changes made (op.h) and
 * the tables it took out of the tree. mmub_op_flush() redeems both: first no
 * TLB or paging-structure cache can reach the tables any more, then their entries
 * are accounted and they go to RCU. Doing it in this order means no CPU ever faults
 * on a table that was merely replaced by an equal mapping. That is for operations
 * with OP_DEFER_TABLES (recovery). Others empty a table at once and flush before
 * they leave RCU; a CPU may fault on FROZEN once.
 *
 * A flush here is a full one: x86 has no other for a guest.
 */
#include "internal.h"
#include "base/op.h"
#include "base/retire.h"

bool mmub_op_flush(struct mmub_op *op, enum mmub_flush from)
{
	const bool tables = (op->flags & OP_DEFER_TABLES) &&
			    !list_empty(&op->tables);
	const bool flush = tables ||
			   (op->owed >= from && op->owed != FLUSH_NEVER);
	struct kvm_mmu_page *sp;

	if (!flush)
		return false;

	kvm_flush_remote_tlbs(op->kvm);

	while (tables && !list_empty(&op->tables)) {
		sp = list_first_entry(&op->tables, struct kvm_mmu_page, link);
		list_del(&sp->link);
		mmub_retire_table(op, sp);
	}
	if (tables)
		op->nr_tables = 0;
	/* What emptying the tables added was out of reach already. */
	op->owed = FLUSH_NEVER;
	return true;
}
