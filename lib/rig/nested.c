// SPDX-License-Identifier: GPL-2.0-only
/*
 * How does a job run in a guest of the guest?
 *
 * L1 starts L2 once, with a stack of its own and L1's page tables.  L2 does the
 * job and calls L1 when it is done, and between turns of a stress job; then L1
 * takes some turns itself, so that both look at the same memory.
 *
 * L2 runs code without floating point, and leaves by calls alone, so its general
 * registers are all that has to be kept.
 */
#include <errno.h>

#include "guest/guestcode.h"
#include "guest/job.h"
#include "guest/stress.h"
#include "rig/kvmcompat.h"
#include "nested_tables.h"

#define STACK_BYTES	(4 * 4096u)
#define L1_TURNS	4u	/* of L1 between two of L2's rests; chosen */

static const struct nested_kind *const kinds[] = {
#ifdef KVMLIB_NESTED
	&nested_svm, &nested_vmx,
#endif
	NULL
};

static const struct nested_kind *find_kind(struct reason *why)
{
	unsigned int i;

	if (!kinds[0]) {
		reason_skip(why, -EOPNOTSUPP,
			    "the selftests library of this build has no helpers for nested guests that we know; build with KSRC=6.12");
		return NULL;
	}
	for (i = 0; kinds[i]; i++)
		if (kinds[i]->is_there())
			return kinds[i];
	reason_skip(why, -EOPNOTSUPP,
		    "this KVM gives its guests no virtual machine extensions; load kvm_intel or kvm_amd with nested=1");
	return NULL;
}

int nested_add(struct rig *rig, unsigned int i, uint64_t *nested_gva,
	       struct reason *why)
{
	const struct nested_kind *kind = find_kind(why);
	struct nested *n;
	int err = 0;

	if (!kind)
		return why->err;
	if (!i && kind->has_tables())
		err = nested_tables(rig, kind, &rig->nested_root_gpa, why);
	if (err)
		return err;
	*nested_gva = compat_vm_alloc(rig->vm, sizeof(*n), 0x10000);
	n = addr_gva2hva(rig->vm, *nested_gva);
	n->kind = kind;
	n->tables_gpa = rig->nested_root_gpa;
	n->machine = (void *)kind->allot(rig->vm);
	n->stack_gva = compat_vm_alloc(rig->vm, STACK_BYTES, 0x10000) + STACK_BYTES;
	return 0;
}

/* ---- L2 ---------------------------------------------------------------------- */

static void rest(void *arg)
{
	struct nested *n = arg;

	n->kind->leave();
}

static void l2_main(struct nested *n)
{
	for (;;) {
		struct stress_guest *g = (void *)n->job->stress_gva;

		if (n->job->cmd == GUEST_STRESS) {
			g->pause = rest;
			g->pause_arg = n;
		}
		guestcode_run(n->job);
		n->is_done = true;
		n->kind->leave();
	}
}

/* ---- L1 ---------------------------------------------------------------------- */

void nested_main(struct guest_job *job, volatile uint64_t *doorbell,
		 struct nested *n)
{
	struct stress_guest *g;

	n->job = job;
	n->regs.rdi = (uintptr_t)n;
	n->kind->begin(n, l2_main);
	for (;;) {
		*doorbell = 1;
		n->is_done = false;
		while (!n->is_done) {
			n->kind->enter(n);
			g = (void *)job->stress_gva;
			if (job->cmd == GUEST_STRESS && !n->is_done)
				stress_turns(g, &job->stop, L1_TURNS);
		}
	}
}
