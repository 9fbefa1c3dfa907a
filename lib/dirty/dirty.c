// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages did the guest write?  Registry of the dirty-tracking backends
 * and the wrappers that call them.
 *
 * The wrappers own the order of calls (created, started, stopped), time
 * collect() and rearm(), and check what a backend returned: it cannot have
 * found more pages than there are.  A backend is only reached through them.
 *
 * What this cannot tell: whether a page was written but not reported.  That
 * needs an oracle of what the guest did, which the scenarios have.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "internal.h"

const struct dirty_ops *const dirty_members[] = {
	DIRTY_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct dirty_ops);

const struct dirty_ops *dirty_find(const char *name, struct reason *why)
{
	return registry_find(dirty_members, "dirty-tracking backend", name,
			     why);
}

size_t dirty_bitmap_longs(uint64_t nr_pages)
{
	const size_t bits = 8 * sizeof(unsigned long);

	return (nr_pages + bits - 1) / bits;
}

static int check_flags(const struct dirty_ops *ops, unsigned int flags,
		       struct reason *why)
{
	const unsigned int known = DIRTY_START_ALL_SET | DIRTY_RESET_SIGNALS;

	if (flags & ~known)
		return reason_set(why, -EINVAL,
				  "unknown dirty-tracking flags %#x", flags);
	if ((flags & DIRTY_START_ALL_SET) && !(ops->caps & DIRTY_INITIALLY_SET))
		return reason_set(why, -EINVAL,
				  "the dirty-tracking backend '%s' cannot start with all pages dirty; 'clear' can",
				  ops->name);
	return 0;
}

int dirty_open(struct dirty *d, const struct dirty_ops *ops,
	       unsigned int flags, uint32_t ring_entries, struct reason *why)
{
	int err;

	memset(d, 0, sizeof(*d));
	err = check_flags(ops, flags, why);
	if (err)
		return err;
	if (ring_entries & (ring_entries - 1))
		return reason_set(why, -EINVAL,
				  "a dirty ring of %u entries is not possible; give a power of two",
				  ring_entries);
	err = ops->probe(why);
	if (err)
		return err;
	if (ops->priv_bytes) {
		d->priv = calloc(1, ops->priv_bytes);
		if (!d->priv)
			return reason_set(why, -ENOMEM, "out of memory");
	}
	d->ops = ops;
	d->flags = flags;
	d->ring_entries = ring_entries;
	return 0;
}

int dirty_vm_created(struct dirty *d, struct rig *rig, struct reason *why)
{
	if (!d->ops || d->rig)
		return reason_set(why, -EINVAL,
				  "a dirty-tracking backend serves one VM; open it again for another");
	d->rig = rig;
	return d->ops->vm_created ? d->ops->vm_created(d, why) : 0;
}

int dirty_start(struct dirty *d, struct reason *why)
{
	int err;

	if (!d->rig || d->started)
		return reason_set(why, -EINVAL,
				  "dirty tracking can start only when there is a VM and it is not running already");
	err = d->ops->start(d, why);
	d->started = !err;
	return err;
}

int dirty_collect(struct dirty *d, struct dirty_batch *out,
		  struct reason *why)
{
	uint64_t begin_ns;
	int err;

	if (!d->started)
		return reason_set(why, -EINVAL,
				  "dirty pages cannot be collected while tracking is off");
	out->nr_pages = 0;
	begin_ns = timing_now_ns();
	err = d->ops->collect(d, out, why);
	d->collect_ns = timing_now_ns() - begin_ns;
	if (!err && out->nr_pages > d->rig->mem.nr_pages)
		err = reason_set(why, -EIO,
				 "the dirty-tracking backend '%s' found %llu dirty pages among %llu",
				 d->ops->name,
				 (unsigned long long)out->nr_pages,
				 (unsigned long long)d->rig->mem.nr_pages);
	return err;
}

int dirty_rearm(struct dirty *d, const struct dirty_batch *done,
		struct reason *why)
{
	uint64_t begin_ns;
	int err;

	d->rearm_ns = 0;
	if (!d->started)
		return reason_set(why, -EINVAL,
				  "dirty pages cannot be watched again while tracking is off");
	if (!d->ops->rearm)
		return 0;
	begin_ns = timing_now_ns();
	err = d->ops->rearm(d, done, why);
	d->rearm_ns = timing_now_ns() - begin_ns;
	return err;
}

int dirty_rearm_beside(struct dirty *d, struct reason *why)
{
	if (!d->rig)
		return reason_set(why, -EINVAL,
				  "dirty pages cannot be watched before there is a VM");
	return d->ops->rearm_beside ? d->ops->rearm_beside(d, why) : 0;
}

int dirty_vcpu_exit(struct dirty *d, unsigned int vcpu, struct reason *why)
{
	uint64_t begin_ns;
	int handled;

	if (!d->started || !d->ops->vcpu_exit)
		return 0;
	begin_ns = timing_now_ns();
	handled = d->ops->vcpu_exit(d, vcpu, why);
	if (handled > 0) {
		__atomic_add_fetch(&d->vcpu_exits, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&d->vcpu_exit_ns, timing_now_ns() - begin_ns,
				   __ATOMIC_RELAXED);
	}
	return handled;
}

static int vm_created(void *arg, struct rig *rig, struct reason *why)
{
	return dirty_vm_created(arg, rig, why);
}

static int vcpu_exit(void *arg, unsigned int vcpu, int err,
		     struct reason *why)
{
	return dirty_vcpu_exit(arg, vcpu, why);
}

struct rig_hooks dirty_rig_hooks(struct dirty *d)
{
	return (struct rig_hooks){
		.vm_created = vm_created, .vcpu_exit = vcpu_exit, .arg = d,
	};
}

int dirty_stop(struct dirty *d, struct reason *why)
{
	if (!d->started)
		return 0;
	d->started = false;
	return d->ops->stop(d, why);
}

void dirty_close(struct dirty *d)
{
	if (!d->ops)
		return;
	if (d->ops->close)
		d->ops->close(d);
	free(d->priv);
	memset(d, 0, sizeof(*d));
}
