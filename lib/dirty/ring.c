// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty rings: KVM pushes the address of every page it makes writable into
 * a ring per vCPU that is mapped here; entries are read, marked, and given
 * back with KVM_RESET_DIRTY_RINGS, which write-protects the pages again.
 *
 * A vCPU whose ring is nearly full leaves KVM_RUN and stays out until
 * entries were given back.  Its own thread then harvests all rings and
 * resets them, and the pages wait in ->pending for the next collect();
 * so a job may dirty more pages than the rings hold.
 *
 * ->lock orders harvests and resets; the vCPUs of other threads keep
 * running and KVM keeps pushing.  That is safe because an entry belongs to
 * KVM until its DIRTY flag is seen (acquire) and again after its RESET flag
 * was set (release).
 *
 * Cannot be told: whether KVM overwrote an entry.  ->entries counts all
 * that were harvested, so that a scenario can compare with its oracle.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "dirty/kvm.h"
#include "dirty/ring.h"
#include "internal.h"

#ifndef KVM_CAP_DIRTY_LOG_RING_ACQ_REL
#define KVM_CAP_DIRTY_LOG_RING_ACQ_REL 223
#endif

/* Chosen, not derived: 4096 entries are 64 KiB; 1024 to 65536 would also do. */
#define RING_DEFAULT_ENTRIES 4096u

/*
 * Full-ring exits in a row that find nothing in the ring before the vCPU is
 * given up.  One happens when another thread was faster; 3 to 1000 would do.
 */
#define RING_IDLE_EXITS 16

/* The capability to use and, in *max_bytes, the largest ring. */
static int ring_cap(unsigned int *cap, int *max_bytes, struct reason *why)
{
	static const unsigned int caps[] = {
		KVM_CAP_DIRTY_LOG_RING_ACQ_REL, KVM_CAP_DIRTY_LOG_RING,
	};
	unsigned int i;

	for (i = 0; i < 2; i++) {
		*cap = caps[i];
		*max_bytes = dirty_kvm_cap(caps[i], why);
		if (*max_bytes < 0)
			return *max_bytes;
		if (*max_bytes)
			return 0;
	}
	return reason_skip(why, -EOPNOTSUPP,
			   "this KVM has no dirty ring; it needs Linux 5.11 or newer");
}

static int ring_probe(struct reason *why)
{
	unsigned int cap;
	int max_bytes;

	return ring_cap(&cap, &max_bytes, why);
}

static int ring_vm_created(struct dirty *d, struct reason *why)
{
	struct ring_priv *p = d->priv;
	unsigned int cap;
	int max_bytes, err;
	uint64_t bytes;

	err = ring_cap(&cap, &max_bytes, why);
	if (err)
		return err;
	p->nr_entries = d->ring_entries ? d->ring_entries : RING_DEFAULT_ENTRIES;
	bytes = p->nr_entries * sizeof(struct kvm_dirty_gfn);
	if (bytes < 4096 || bytes > (uint64_t)max_bytes)
		return reason_skip(why, -EINVAL,
				   "a dirty ring of %u entries is not possible here; choose a power of two from %zu to %zu",
				   p->nr_entries,
				   4096 / sizeof(struct kvm_dirty_gfn),
				   max_bytes / sizeof(struct kvm_dirty_gfn));
	pthread_mutex_init(&p->lock, NULL);
	p->lock_ready = true;
	return dirty_enable_cap(d, cap, bytes, "the dirty ring", why);
}

static int ring_map_vcpu(struct dirty *d, unsigned int i, struct reason *why)
{
	struct ring_priv *p = d->priv;
	size_t bytes = p->nr_entries * sizeof(struct kvm_dirty_gfn);
	struct ring_vcpu *v = &p->vcpus[i];
	int err, fd = d->rig->vcpu_fds[i];

	v->ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       KVM_DIRTY_LOG_PAGE_OFFSET * 4096l);
	if (v->ring == MAP_FAILED) {
		err = errno;
		return reason_set(why, -err,
				  "the dirty ring of vCPU %u could not be mapped: %s",
				  i, strerror(err));
	}
	v->run = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (v->run == MAP_FAILED) {
		err = errno;
		munmap(v->ring, bytes);
		return reason_set(why, -err,
				  "the state of vCPU %u could not be mapped: %s",
				  i, strerror(err));
	}
	p->nr_mapped = i + 1;
	return 0;
}

/* The vCPUs exist by now: map their rings, once. */
static int ring_map(struct dirty *d, struct reason *why)
{
	struct ring_priv *p = d->priv;
	unsigned int i;
	int err;

	if (p->vcpus)
		return 0;
	p->vcpus = calloc(d->rig->cfg.nr_vcpus, sizeof(*p->vcpus));
	p->pending = calloc(dirty_bitmap_longs(d->rig->mem.nr_pages),
			    sizeof(unsigned long));
	if (!p->vcpus || !p->pending)
		return reason_set(why, -ENOMEM, "out of memory for the rings");
	for (i = 0; i < d->rig->cfg.nr_vcpus; i++) {
		err = ring_map_vcpu(d, i, why);
		if (err)
			return err;
	}
	return 0;
}

/* Page of the span that @e names, or -1 when it lies outside. */
static int64_t ring_page(const struct rig *rig, const struct kvm_dirty_gfn *e)
{
	uint32_t slot = e->slot & 0xffff;
	uint64_t page;

	if (slot < rig->mem.slot ||
	    slot >= rig->mem.slot + rig->cfg.nr_slots)
		return -1;
	page = (slot - rig->mem.slot) * rig->slot_pages + e->offset;
	return page < rig->mem.nr_pages ? (int64_t)page : -1;
}

/*
 * Take what lies in @v's ring into @bitmap and mark it as taken; ->lock
 * held.  At most one ring's worth, so that a fast guest cannot keep the
 * caller here.  Returns the number of pages not yet in @bitmap.
 */
static uint64_t ring_harvest_vcpu(struct dirty *d, struct ring_vcpu *v,
				  unsigned long *bitmap)
{
	const unsigned int bits = 8 * sizeof(unsigned long);
	struct ring_priv *p = d->priv;
	uint64_t fresh = 0;
	uint32_t n;

	for (n = 0; n < p->nr_entries; n++) {
		struct kvm_dirty_gfn *e = &v->ring[v->next % p->nr_entries];
		unsigned long mask;
		int64_t page;

		if (__atomic_load_n(&e->flags, __ATOMIC_ACQUIRE) !=
		    KVM_DIRTY_GFN_F_DIRTY)
			break;
		page = ring_page(d->rig, e);
		if (page >= 0) {
			mask = 1ul << (page % bits);
			fresh += !(bitmap[page / bits] & mask);
			bitmap[page / bits] |= mask;
		}
		__atomic_store_n(&e->flags, KVM_DIRTY_GFN_F_RESET,
				 __ATOMIC_RELEASE);
		v->next++;
	}
	d->entries += n;
	if (n)
		v->idle_exits = 0;
	if (n > d->ring_fullest)
		d->ring_fullest = n;
	return fresh;
}

static uint64_t ring_harvest(struct dirty *d, unsigned long *bitmap)
{
	struct ring_priv *p = d->priv;
	uint64_t fresh = 0;
	unsigned int i;

	for (i = 0; i < p->nr_mapped; i++)
		fresh += ring_harvest_vcpu(d, &p->vcpus[i], bitmap);
	return fresh;
}

/* Entries from before the logging was switched on are nobody's. */
static int ring_drain(struct dirty *d, struct reason *why)
{
	struct ring_priv *p = d->priv;
	int err;

	pthread_mutex_lock(&p->lock);
	ring_harvest(d, p->pending);
	memset(p->pending, 0, dirty_bitmap_longs(d->rig->mem.nr_pages) *
	       sizeof(unsigned long));
	p->nr_pending = 0;
	err = ring_reset(d, why);
	pthread_mutex_unlock(&p->lock);
	return err;
}

static int ring_start(struct dirty *d, struct reason *why)
{
	int err = ring_map(d, why);

	if (!err)
		err = ring_drain(d, why);
	if (!err)
		err = dirty_kvm_start(d, why);
	return err;
}

static int ring_stop(struct dirty *d, struct reason *why)
{
	int err = dirty_kvm_stop(d, why);

	return err ? err : ring_drain(d, why);
}

static int ring_collect(struct dirty *d, struct dirty_batch *out,
			struct reason *why)
{
	struct ring_priv *p = d->priv;
	uint64_t nr_pages = d->rig->mem.nr_pages;

	pthread_mutex_lock(&p->lock);
	if (p->nr_pending) {
		out->nr_pages += dirty_bits_or(out->bitmap, 0, p->pending,
					       nr_pages);
		memset(p->pending, 0, dirty_bitmap_longs(nr_pages) *
		       sizeof(unsigned long));
		p->nr_pending = 0;
	}
	out->nr_pages += ring_harvest(d, out->bitmap);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

static int ring_rearm(struct dirty *d, const struct dirty_batch *done,
		      struct reason *why)
{
	struct ring_priv *p = d->priv;
	int err;

	pthread_mutex_lock(&p->lock);
	err = ring_reset(d, why);
	pthread_mutex_unlock(&p->lock);
	return err;
}

/*
 * KVM pushed past the end of the ring: its index and the reader's are no
 * longer the same modulo the size, and no entry will ever be found again.
 */
static int ring_wedged(struct dirty *d, unsigned int vcpu, struct reason *why)
{
	d->ring_wedged = true;
	return reason_set(why, -EIO,
			  "KVM says that the dirty ring of vCPU %u is full, but none of its entries is marked dirty: entries were overwritten",
			  vcpu);
}

static int ring_vcpu_exit(struct dirty *d, unsigned int vcpu,
			  struct reason *why)
{
	struct ring_priv *p = d->priv;
	struct ring_vcpu *v = &p->vcpus[vcpu];
	int err;

	if (v->run->exit_reason != KVM_EXIT_DIRTY_RING_FULL)
		return 0;
	pthread_mutex_lock(&p->lock);
	v->idle_exits++;
	p->nr_pending += ring_harvest(d, p->pending);
	err = ring_reset(d, why);
	if (!err && v->idle_exits > RING_IDLE_EXITS)
		err = ring_wedged(d, vcpu, why);
	pthread_mutex_unlock(&p->lock);
	return err ? err : 1;
}

static void ring_close(struct dirty *d)
{
	struct ring_priv *p = d->priv;
	unsigned int i;

	for (i = 0; i < p->nr_mapped; i++) {
		munmap(p->vcpus[i].ring,
		       p->nr_entries * sizeof(struct kvm_dirty_gfn));
		munmap(p->vcpus[i].run, 4096);
	}
	if (p->lock_ready)
		pthread_mutex_destroy(&p->lock);
	free(p->vcpus);
	free(p->pending);
}

const struct dirty_ops dirty_ring = {
	.name = "ring",
	.summary = "a dirty ring per vCPU, harvested in user space",
	.caps = DIRTY_NEEDS_VCPU_EXIT | DIRTY_REAL,
	.priv_bytes = sizeof(struct ring_priv),
	.probe = ring_probe,
	.vm_created = ring_vm_created,
	.start = ring_start,
	.collect = ring_collect,
	.rearm = ring_rearm,
	.rearm_beside = ring_reset_beside,
	.vcpu_exit = ring_vcpu_exit,
	.stop = ring_stop,
	.close = ring_close,
};
