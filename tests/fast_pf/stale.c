// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can a vCPU that never leaves its guest use memory that was taken away?
 *
 * The vCPU counts in one word of the last page.  Beside it the host maps other
 * memory in the page's place, alone (remap) or as the last of many, which takes
 * long (remap.range), or deletes its memslot and makes it again of other memory
 * (slot, slot.zap).  Once that call has returned, nothing may be counted in the
 * old memory, which the host sees through a second mapping, and the guest has
 * to go on in the new.
 *
 * The guest gets any time between two remaps, so that its faults meet an
 * invalidation at any point.
 *
 * slot.zap lets KVM drop the pages of that slot only (KVM_X86_QUIRK_SLOT_ZAP_ALL
 * off); else it drops all, and every vCPU loads a new root.
 *
 * It cannot tell that a flush is missing if something else took the vCPU out of
 * its guest in between.  Emulators drop the TLB then, so there a vCPU needs a CPU
 * without ticks (nohz_full) to show all.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "bench/bench.h"
#include "run/counter.h"

#define BYTES	(8ull << 20)	/* ms of work for an unmap; chosen */
#define NR_SLOTS 2u
#define LAST_SLOT (NR_SLOTS - 1)
#define MAX_REMAPS 400u		/* chosen, as are the next three */
#define REMAPS_NS 800000000u
#define RANGE_REMAPS 5u
#define SLOT_ROUNDS 5u

#ifndef KVM_CAP_DISABLE_QUIRKS2
#define KVM_CAP_DISABLE_QUIRKS2 213
#endif
#ifndef KVM_X86_QUIRK_SLOT_ZAP_ALL
#define KVM_X86_QUIRK_SLOT_ZAP_ALL (1 << 7)
#endif

enum how { REMAP, RANGE, SLOT, SLOT_ZAP };

struct stale {
	struct bench *b;
	enum how how;
	struct counter counter;
	uint32_t page;		/* that the guest counts in: the last */
	char *alias;		/* all of the first memory, seen once more */
	char *spare;		/* other memory for the last slot */
	uint64_t mmio_exits;	/* by the vCPU's thread, atomically */
	uint64_t random;
	uint64_t refault_ns;	/* from a remap to the guest's next count */
	uint64_t stale, missing, mmio, rounds;
};

static int failed(struct stale *s, const char *what)
{
	int err = errno;

	return reason_set(&s->b->why, -err, "%s failed: %s", what, strerror(err));
}

static volatile uint64_t *word_at(const struct stale *s, char *memory,
				  uint64_t page)
{
	const struct rig *rig = s->b->rig;

	return (uint64_t *)(memory + page * 4096 +
			    GUEST_UNIT_WORD(rig_vcpu_word(rig, 0)));
}

static int count_on(struct stale *s)
{
	return counter_wait(&s->counter, 0, &s->b->why);
}

/*
 * The old memory was taken away.  Whatever is counted there from now on is
 * stale; @now is where the guest has to count.
 */
static int judge(struct stale *s, volatile uint64_t *old,
		 volatile uint64_t *now)
{
	uint64_t from = *old, begin = now ? *now : 0;
	int err = count_on(s);

	s->rounds++;
	s->stale += *old - from;
	s->missing += now && *now == begin;
	return err;
}

/* ---- remaps ------------------------------------------------------------------ */

/* Map the first memory (again), or other, in the place of the last @nr pages. */
static int map_last(struct stale *s, uint64_t nr, bool first_memory)
{
	const struct rig *rig = s->b->rig;
	uint64_t at = (rig->mem.nr_pages - nr) * 4096;
	int flags = MAP_FIXED | (first_memory ? MAP_SHARED :
				 MAP_PRIVATE | MAP_ANONYMOUS);

	if (mmap((char *)rig->mem.hva + at, nr * 4096, PROT_READ | PROT_WRITE,
		 flags, first_memory ? rig->mem_fd : -1,
		 first_memory ? at : 0) == MAP_FAILED)
		return failed(s, "mmap(MAP_FIXED)");
	return 0;
}

/* So that to unmap them is work. */
static void touch_all(const struct stale *s)
{
	const struct gpages *m = &s->b->rig->mem;
	uint64_t i;

	for (i = 0; i < m->nr_pages; i++)
		(void)*word_at(s, m->hva, i);
}

/*
 * After a remap: until the guest counts again, or for a part of the time that
 * this took the last time, so that the next call meets a fault at any point.
 */
static int let_guest_run(struct stale *s)
{
	uint64_t dice = rng_next(&s->random), begin = timing_now_ns();
	int err = 0;

	if (dice % 4 == 0 || !s->refault_ns) {
		err = count_on(s);
		s->refault_ns = timing_now_ns() - begin;
	}
	while (timing_now_ns() - begin < (dice >> 8) % s->refault_ns)
		;
	return err;
}

static int one_remap(struct stale *s, uint64_t nr)
{
	int err;

	if (nr > 1)
		touch_all(s);
	err = let_guest_run(s);
	if (!err)
		err = map_last(s, nr, false);
	if (!err)
		err = judge(s, word_at(s, s->alias, s->page), s->counter.word);
	return err ? err : map_last(s, nr, true);
}

static int remaps(struct stale *s)
{
	uint64_t nr = s->how == RANGE ? s->b->rig->mem.nr_pages : 1;
	uint64_t most = s->how == RANGE ? RANGE_REMAPS : MAX_REMAPS;
	uint64_t end = timing_now_ns() + REMAPS_NS;
	int err = counter_start(&s->counter, s->b->run, s->b->rig, s->page,
				&s->b->why);

	while (!err && s->rounds < most && !s->stale &&
	       (s->rounds < RANGE_REMAPS || timing_now_ns() < end))
		err = one_remap(s, nr);
	return err ? err : run_stop(s->b->run, &s->b->why);
}

/* ---- memslots ---------------------------------------------------------------- */

static int vcpu_exit(void *arg, unsigned int vcpu, int err, struct reason *why)
{
	struct stale *s = arg;
	const struct rig *rig = s->b->rig;
	struct kvm_run *run;

	if (err || !rig)
		return 0;
	run = rig_kvm_run(s->b->rig, vcpu);
	if (run->exit_reason != KVM_EXIT_MMIO ||
	    run->mmio.phys_addr < rig->mem.gpa)
		return 0;
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
	__atomic_add_fetch(&s->mmio_exits, 1, __ATOMIC_RELAXED);
	return 1;
}

static int vm_created(void *arg, struct rig *rig, struct reason *why)
{
	struct stale *s = arg;
	struct kvm_enable_cap cap = { .cap = KVM_CAP_DISABLE_QUIRKS2,
				      .args = { KVM_X86_QUIRK_SLOT_ZAP_ALL } };
	int known = ioctl(rig->vm_fd, KVM_CHECK_EXTENSION, cap.cap);

	if (s->how != SLOT_ZAP)
		return 0;
	if (known < 0 || !(known & KVM_X86_QUIRK_SLOT_ZAP_ALL))
		return reason_skip(why, -EOPNOTSUPP,
				   "this KVM always drops all mappings with a memslot; one that can drop those of the slot alone is of Linux 6.12 or newer");
	return ioctl(rig->vm_fd, KVM_ENABLE_CAP, &cap) ? failed(s, "KVM_ENABLE_CAP") : 0;
}

/* The last slot: none if @memory is NULL. */
static int set_last_slot(struct stale *s, char *memory)
{
	struct gpages part = rig_slot_pages(s->b->rig, LAST_SLOT);
	struct kvm_userspace_memory_region region = {
		.slot = part.slot, .guest_phys_addr = part.gpa,
		.memory_size = memory ? part.nr_pages * 4096 : 0,
		.userspace_addr = (uintptr_t)memory,
	};

	if (ioctl(s->b->rig->vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		return failed(s, "KVM_SET_USER_MEMORY_REGION");
	return 0;
}

/* Pages before the last one keep KVM busy when the slot goes. */
static int map_slot(struct stale *s)
{
	struct gpages part = rig_slot_pages(s->b->rig, LAST_SLOT);
	const struct run_job job = {
		.cmd = GUEST_ACCESS, .op = OP_READ, .nr = part.nr_pages,
	};
	uint32_t i, first = s->page + 1 - part.nr_pages;

	for (i = 0; i < part.nr_pages; i++)
		s->b->rig->orders[0][i] = order_entry(first + i, OP_READ);
	return run_job(s->b->run, &job, &s->b->why);
}

/* In place of @old comes @now, after a while without any. */
static int exchange(struct stale *s, char *old, char *now)
{
	uint64_t last = rig_slot_pages(s->b->rig, LAST_SLOT).nr_pages - 1;
	uint64_t exits;
	int err = set_last_slot(s, NULL);

	if (!err)
		err = judge(s, word_at(s, old, last), NULL);
	if (!err)
		err = set_last_slot(s, now);
	if (!err)
		err = count_on(s);
	exits = __atomic_load_n(&s->mmio_exits, __ATOMIC_RELAXED);
	if (!err)
		err = judge(s, word_at(s, old, last), word_at(s, now, last));
	s->mmio += __atomic_load_n(&s->mmio_exits, __ATOMIC_RELAXED) - exits;
	return err;
}

static int one_slot_round(struct stale *s)
{
	char *first = rig_slot_pages(s->b->rig, LAST_SLOT).hva;
	int err = map_slot(s);

	if (!err)
		err = counter_start(&s->counter, s->b->run, s->b->rig, s->page,
				    &s->b->why);
	if (!err)
		err = exchange(s, first, s->spare);
	if (!err)
		err = exchange(s, s->spare, first);
	return err ? err : run_stop(s->b->run, &s->b->why);
}

static int slots(struct stale *s)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < SLOT_ROUNDS && !err && !s->stale && !s->mmio; i++)
		err = one_slot_round(s);
	return err;
}

/* ------------------------------------------------------------------------------ */

static int open_rig(struct stale *s)
{
	struct bench *b = s->b;
	struct rig_config cfg;
	int err;

	b->p.op = OP_WRITE;
	params_rig_config(&b->p, &cfg);
	cfg.nr_vcpus = b->p.vcpus = 1;
	cfg.backing = BACKING_MEMFD;
	cfg.guest_page_bytes = cfg.unit_bytes = 4096;
	cfg.vcpu_bytes = BYTES;
	cfg.nr_slots = NR_SLOTS;
	cfg.hooks = (struct rig_hooks){ vm_created, vcpu_exit, s };
	err = bench_rig(b, &cfg, 0);
	if (err)
		return err;
	s->page = b->rig->mem.nr_pages - 1;
	s->alias = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			b->rig->mem_fd, 0);
	s->spare = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->alias == MAP_FAILED || s->spare == MAP_FAILED)
		return failed(s, "mmap()");
	return 0;
}

static void record(const struct stale *s)
{
	struct rec *rec = s->b->rec;

	rec_count(rec, "rounds", s->rounds, "rounds", BETTER_NONE);
	rec_check(rec, "no_stale_access", !s->stale,
		  "the guest counted %" PRIu64 " times in memory that was not its own any more, in %" PRIu64 " rounds",
		  s->stale, s->rounds);
	rec_check(rec, "new_memory_is_used", !s->missing,
		  "in %" PRIu64 " of %" PRIu64 " rounds the guest did not count in its new memory",
		  s->missing, s->rounds);
	if (s->how == SLOT || s->how == SLOT_ZAP)
		rec_check(rec, "no_mmio_in_a_slot", !s->mmio,
			  "%" PRIu64 " accesses left the guest as MMIO although there was a memslot",
			  s->mmio);
}

static int stale_case(struct bench *b, const struct bench_case *c)
{
	struct stale s = { .b = b, .how = c->arg[0], .random = b->p.seed };
	int err = open_rig(&s);

	if (!err)
		err = s.how == SLOT || s.how == SLOT_ZAP ? slots(&s) : remaps(&s);
	if (!err)
		record(&s);
	bench_rig_free(b);
	return err;
}

#define STALE(_name, _summary, _how) \
	{ .name = "fast_pf.stale." _name, .summary = _summary, \
	  .fn = stale_case, .arg = { _how } }

static const struct bench_case cases[] = {
	STALE("remap", "other memory in place of a page under a vCPU that never leaves",
	      REMAP),
	STALE("remap.range", "same, of the last page of many", RANGE),
	STALE("slot", "a memslot deleted and made of other memory beside it",
	      SLOT),
	STALE("slot.zap", "same, if KVM drops the slot's own pages alone",
	      SLOT_ZAP),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/stale",
		.question = "Can a vCPU that never leaves its guest use memory that was taken away?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
