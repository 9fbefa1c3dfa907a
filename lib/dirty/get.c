// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_DIRTY_LOG in its first form: one call returns a slot's bitmap,
 * clears it, write-protects its pages again and flushes TLBs.
 *
 * Cannot be told apart here: finding the pages and watching them again are
 * one ioctl, so collect() carries the cost of both and rearm() is absent.
 */
#include <errno.h>
#include <stdlib.h>

#include "dirty/kvm.h"
#include "internal.h"

struct get_priv {
	unsigned long *scratch;
};

static int get_probe(struct reason *why)
{
	int ret = dirty_kvm_cap(KVM_CAP_USER_MEMORY, why);

	return ret < 0 ? ret : 0;
}


static int get_collect(struct dirty *d, struct dirty_batch *out,
		       struct reason *why)
{
	struct get_priv *p = d->priv;

	return dirty_get_log(d, p->scratch, out, why);
}

static int get_start(struct dirty *d, struct reason *why)
{
	struct get_priv *p = d->priv;

	if (!p->scratch)
		p->scratch = dirty_scratch_alloc(d->rig);
	if (!p->scratch)
		return reason_set(why, -ENOMEM, "out of memory for a bitmap");
	return dirty_kvm_start(d, why);
}

static void get_close(struct dirty *d)
{
	struct get_priv *p = d->priv;

	free(p->scratch);
}

const struct dirty_ops dirty_get = {
	.name = "get",
	.summary = "KVM_GET_DIRTY_LOG, which also rearms",
	.caps = DIRTY_COLLECT_REARMS | DIRTY_REAL,
	.priv_bytes = sizeof(struct get_priv),
	.probe = get_probe,
	.start = get_start,
	.collect = get_collect,
	.stop = dirty_kvm_stop,
	.close = get_close,
};
