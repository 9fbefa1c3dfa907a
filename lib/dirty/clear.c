// SPDX-License-Identifier: GPL-2.0-only
/*
 * Manual protection: KVM_GET_DIRTY_LOG only reports, KVM_CLEAR_DIRTY_LOG
 * clears the bits it is given and write-protects those pages again.
 *
 * With DIRTY_START_ALL_SET the log starts with every page dirty, so that
 * enabling it need not write-protect anything; pages come under watch when
 * they are cleared for the first time.
 *
 * A slot is cleared in one call, or in calls of ->chunk_pages, as live migration
 * does it to hold mmu_lock for shorter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dirty/kvm.h"
#include "internal.h"

struct clear_priv {
	unsigned long *scratch;
};

static int clear_probe(struct reason *why)
{
	int ret = dirty_kvm_cap(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, why);

	if (ret < 0)
		return ret;
	if (!(ret & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE))
		return reason_skip(why, -EOPNOTSUPP,
				   "this KVM has no manual dirty-log protection; it needs Linux 5.1 or newer");
	return 0;
}

static int clear_vm_created(struct dirty *d, struct reason *why)
{
	uint64_t bits = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	int have = dirty_kvm_cap(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, why);

	if (have < 0)
		return have;
	if (d->flags & DIRTY_START_ALL_SET) {
		bits |= KVM_DIRTY_LOG_INITIALLY_SET;
		if ((have & bits) != bits)
			return reason_skip(why, -EOPNOTSUPP,
					   "this KVM cannot start a dirty log with all pages set; it needs Linux 5.7 or newer");
	}
	return dirty_enable_cap(d, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, bits,
				"manual dirty-log protection", why);
}

static int clear_start(struct dirty *d, struct reason *why)
{
	struct clear_priv *p = d->priv;

	if (!p->scratch)
		p->scratch = dirty_scratch_alloc(d->rig);
	if (!p->scratch)
		return reason_set(why, -ENOMEM, "out of memory for a bitmap");
	return dirty_kvm_start(d, why);
}

static int clear_collect(struct dirty *d, struct dirty_batch *out,
			 struct reason *why)
{
	struct clear_priv *p = d->priv;

	return dirty_get_log(d, p->scratch, out, why);
}

/* Pages [first, first + nr) of memslot @slot, as ->scratch says. */
static int clear_part(struct dirty *d, uint32_t slot, uint64_t first,
		      uint64_t nr, struct reason *why)
{
	struct clear_priv *p = d->priv;
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = nr,
		.dirty_bitmap = p->scratch + first / (8 * sizeof(long)),
	};
	int err;

	if (!ioctl(d->rig->vm_fd, KVM_CLEAR_DIRTY_LOG, &log))
		return 0;
	err = errno;
	return reason_set(why, -err,
			  "KVM_CLEAR_DIRTY_LOG of memslot %u failed: %s",
			  slot, strerror(err));
}

static int clear_slot(struct dirty *d, const struct gpages *s,
		      struct reason *why)
{
	uint64_t chunk = d->chunk_pages ? d->chunk_pages : s->nr_pages;
	uint64_t first, left, nr;
	int err = 0;

	for (first = 0; first < s->nr_pages && !err; first += chunk) {
		left = s->nr_pages - first;
		nr = left < chunk ? left : chunk;
		err = clear_part(d, s->slot, first, nr, why);
		if (!err && d->rig->cfg.guest_smm)
			err = clear_part(d, RIG_SMM_SPACE | s->slot, first, nr, why);
	}
	return err;
}

static int clear_rearm(struct dirty *d, const struct dirty_batch *done,
		       struct reason *why)
{
	struct clear_priv *p = d->priv;
	unsigned int i;
	int err = 0;

	for (i = 0; i < d->rig->cfg.nr_slots && !err; i++) {
		struct gpages s = rig_slot_pages(d->rig, i);

		if (dirty_bits_take(p->scratch, done->bitmap,
				    i * d->rig->slot_pages, s.nr_pages))
			err = clear_slot(d, &s, why);
	}
	return err;
}

static void clear_close(struct dirty *d)
{
	struct clear_priv *p = d->priv;

	free(p->scratch);
}

const struct dirty_ops dirty_clear = {
	.name = "clear",
	.summary = "manual protection: report first, KVM_CLEAR_DIRTY_LOG later",
	.caps = DIRTY_INITIALLY_SET | DIRTY_REAL | DIRTY_REARMS_PARTS,
	.priv_bytes = sizeof(struct clear_priv),
	.probe = clear_probe,
	.vm_created = clear_vm_created,
	.start = clear_start,
	.collect = clear_collect,
	.rearm = clear_rearm,
	.stop = dirty_kvm_stop,
	.close = clear_close,
};
