// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory under test: how it is backed, what the host plants into it, and
 * the oracle that knows what the guests have written.
 *
 * The oracle replays each finished job over the order table, so a check is a
 * comparison of every unit with one expected value.  It cannot see a write
 * that was lost and then repeated with the same value; tags are different
 * for every job, so that takes the same job.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "payload/payload.h"
#include "topo/topo.h"
#include "internal.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

static void *map_aligned(size_t bytes, size_t align)
{
	char *raw, *start;

	raw = mmap(NULL, bytes + align, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (raw == MAP_FAILED)
		return MAP_FAILED;
	start = (char *)(((uintptr_t)raw + align - 1) & -(uintptr_t)align);
	if (start > raw)
		munmap(raw, start - raw);
	munmap(start + bytes, raw + align - start);
	return start;
}

static void *map_backing(struct rig *rig, size_t bytes)
{
	int prot = PROT_READ | PROT_WRITE;
	int huge = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	void *mem;

	switch (rig->cfg.backing) {
	case BACKING_HUGETLB_2M:
		return mmap(NULL, bytes, prot, huge | 21 << MAP_HUGE_SHIFT, -1, 0);
	case BACKING_HUGETLB_1G:
		return mmap(NULL, bytes, prot, huge | 30 << MAP_HUGE_SHIFT, -1, 0);
	case BACKING_SHMEM:
		return mmap(NULL, bytes, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	case BACKING_MEMFD:
		rig->mem_fd = memfd_create("mmubench", MFD_CLOEXEC);
		if (rig->mem_fd < 0 || ftruncate(rig->mem_fd, bytes))
			return MAP_FAILED;
		return mmap(NULL, bytes, prot, MAP_SHARED, rig->mem_fd, 0);
	default:
		/* 2M alignment for both, so that they differ in one thing. */
		mem = map_aligned(bytes, 2 << 20);
		if (mem != MAP_FAILED)
			madvise(mem, bytes, rig->cfg.backing == BACKING_THP ?
				MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		return mem;
	}
}

int rig_map_memory(struct rig *rig, struct reason *why)
{
	size_t bytes = rig_total_bytes(&rig->cfg);

	rig->mem.hva = map_backing(rig, bytes);
	if (rig->mem.hva == MAP_FAILED) {
		int err = errno;

		rig->mem.hva = NULL;
		return reason_skip(why, -EOPNOTSUPP,
				   "cannot map %zu MiB of %s memory: %s",
				   bytes >> 20,
				   rig_backing_names[rig->cfg.backing],
				   strerror(err));
	}
	rig->mem_map_bytes = bytes;
	rig->mem.nr_pages = bytes / 4096;
	return topo_bind_memory(rig->mem.hva, bytes, rig->cfg.node, why);
}

void rig_unmap_memory(struct rig *rig)
{
	if (rig->mem.hva)
		munmap(rig->mem.hva, rig->mem_map_bytes);
	if (rig->mem_fd >= 0)
		close(rig->mem_fd);
}

struct gpages rig_vcpu_pages(const struct rig *rig, unsigned int i)
{
	struct gpages part = rig->mem;

	part.nr_pages = rig->cfg.vcpu_bytes / 4096;
	if (!rig->cfg.overlap) {
		part.hva = (char *)part.hva + i * rig->cfg.vcpu_bytes;
		part.gpa += i * rig->cfg.vcpu_bytes;
	}
	part.slot = RIG_FIRST_SLOT +
		    (part.gpa - rig->mem.gpa) / 4096 / rig->slot_pages;
	return part;
}

uint32_t rig_vcpu_units(const struct rig *rig)
{
	return rig->cfg.vcpu_bytes / rig->cfg.unit_bytes;
}

uint32_t rig_vcpu_word(const struct rig *rig, unsigned int i)
{
	return rig->cfg.overlap ? i : 0;
}

void *rig_unit_hva(const struct rig *rig, unsigned int vcpu, uint32_t unit)
{
	struct gpages part = rig_vcpu_pages(rig, vcpu);

	return (char *)part.hva + (uint64_t)unit * rig->cfg.unit_bytes;
}

/* ---- what the host plants ------------------------------------------------ */

void rig_plant_returns(struct rig *rig, uint64_t first_unit, uint64_t nr_units)
{
	const unsigned char ret_insn = 0xc3;
	char *unit = (char *)rig->mem.hva + first_unit * rig->cfg.unit_bytes;
	uint64_t i;

	for (i = 0; i < nr_units; i++, unit += rig->cfg.unit_bytes)
		unit[GUEST_UNIT_RET] = ret_insn;
}

/* Link the units of vCPU @i in the order of its table, the last to the first. */
static void plant_links(struct rig *rig, unsigned int i)
{
	const uint32_t *order = rig->orders[i];
	uint64_t region = rig->mem_gva +
		(rig->cfg.overlap ? 0 : i * rig->cfg.vcpu_bytes);
	uint32_t units = rig_vcpu_units(rig), nr = rig->jobs[i]->nr, at, next;

	if (nr > units)
		nr = units;
	for (at = 0; at < nr; at++) {
		next = order_unit(order[at + 1 < nr ? at + 1 : 0]);
		*(uint64_t *)((char *)rig_unit_hva(rig, i, order_unit(order[at]))
			      + GUEST_UNIT_CHASE) =
			region + (uint64_t)next * rig->cfg.unit_bytes;
	}
	rig->jobs[i]->chase_start_gva =
		region + (uint64_t)order_unit(order[0]) * rig->cfg.unit_bytes;
	rig->chase_planted = true;
}

int rig_load_payload(struct rig *rig, unsigned int vcpu,
		     const struct payload_ops *p, struct payload_geom *g,
		     struct reason *why)
{
	int ret;

	if (g->nr_accesses > rig->cfg.max_accesses)
		return reason_set(why, -EINVAL,
				  "%u accesses do not fit an order table of %u",
				  g->nr_accesses, rig->cfg.max_accesses);
	/* Shared links can only follow one order. */
	if (p->caps & PAYLOAD_CHASE && rig->cfg.overlap)
		g->vcpu = 0;
	ret = payload_order(p, g, rig->orders[vcpu], why);
	if (ret)
		return ret;
	rig->jobs[vcpu]->nr = g->nr_accesses;
	if (p->caps & PAYLOAD_CHASE)
		plant_links(rig, vcpu);
	return 0;
}

/* ---- the oracle ---------------------------------------------------------- */

int rig_alloc_oracles(struct rig *rig, struct reason *why)
{
	uint32_t units = rig_vcpu_units(rig);
	unsigned int i;

	rig->oracles = calloc(rig->cfg.nr_vcpus, sizeof(*rig->oracles));
	for (i = 0; rig->oracles && i < rig->cfg.nr_vcpus; i++) {
		struct rig_oracle *o = &rig->oracles[i];

		o->words = calloc(units, sizeof(*o->words));
		if (!o->words)
			goto nomem;
	}
	if (rig->oracles)
		return 0;
nomem:
	return reason_set(why, -ENOMEM, "no memory for the oracle of %u units",
			  units);
}

void rig_free_oracles(struct rig *rig)
{
	unsigned int i;

	for (i = 0; rig->oracles && i < rig->cfg.nr_vcpus; i++)
		free(rig->oracles[i].words);
	free(rig->oracles);
}

/* A remap job writes every page's own word, wherever the page is mapped. */
static void account_remap(struct rig *rig, unsigned int i)
{
	const struct guest_job *job = rig->jobs[i];
	uint32_t unit;

	for (unit = 0; unit < job->pt_nr * job->pt_span; unit++)
		rig->oracles[i].words[unit] = job->tag ^ unit;
}

/* An order table holds one writing operation (payload.h), so laps add up. */
void rig_account(struct rig *rig, unsigned int i)
{
	const struct guest_job *job = rig->jobs[i];
	struct rig_oracle *o = &rig->oracles[i];
	uint64_t laps, rest, visits;
	uint32_t at;

	if (job->cmd == GUEST_REMAP)
		account_remap(rig, i);
	if ((job->cmd != GUEST_ACCESS && job->cmd != GUEST_CHASE &&
	     job->cmd != GUEST_STALL_TOUCH) || !job->nr)
		return;
	laps = job->done / job->nr;
	rest = job->done % job->nr;
	for (at = 0; at < job->nr; at++) {
		uint32_t entry = rig->orders[i][at], unit = order_unit(entry);
		uint32_t op = job->flags & GUEST_MIXED ? order_op(entry) :
							 job->op;

		visits = laps + (at < rest);
		if (!visits)
			break;
		if (op == OP_WRITE)
			o->words[unit] = job->tag ^ unit;
		else if (op == OP_RMW)
			o->words[unit] += visits;
	}
}

uint64_t rig_verify(struct rig *rig, unsigned int vcpu, struct reason *why)
{
	const struct rig_oracle *o = &rig->oracles[vcpu];
	uint32_t word = GUEST_UNIT_WORD(rig_vcpu_word(rig, vcpu)), unit;
	uint64_t wrong = 0;

	for (unit = 0; unit < rig_vcpu_units(rig); unit++) {
		const char *mem = rig_unit_hva(rig, vcpu, unit);
		uint64_t value;

		/* What the guest never touched need not be touched here. */
		if (!o->words[unit])
			continue;
		value = *(const uint64_t *)(mem + word);
		if (value == o->words[unit])
			continue;
		if (!wrong++)
			reason_set(why, 0,
				   "vCPU %u unit %u: word 0x%" PRIx64 " should be 0x%" PRIx64,
				   vcpu, unit, value, o->words[unit]);
	}
	return wrong;
}

static void forget_units(struct rig *rig, unsigned int i, uint64_t first,
			 uint64_t nr)
{
	struct rig_oracle *o = &rig->oracles[i];
	uint64_t base = rig->cfg.overlap ? 0 :
			(uint64_t)i * rig_vcpu_units(rig);
	uint64_t unit;

	for (unit = first; unit < first + nr; unit++) {
		if (unit < base || unit - base >= rig_vcpu_units(rig))
			continue;
		o->words[unit - base] = 0;
	}
}

void rig_pages_replaced(struct rig *rig, uint64_t first_page,
			uint64_t nr_pages)
{
	uint64_t first = first_page * 4096 / rig->cfg.unit_bytes;
	uint64_t last = ((first_page + nr_pages) * 4096 +
			 rig->cfg.unit_bytes - 1) / rig->cfg.unit_bytes;
	unsigned int i;

	for (i = 0; i < rig->cfg.nr_vcpus; i++)
		forget_units(rig, i, first, last - first);
	if (rig->cfg.exec)
		rig_plant_returns(rig, first, last - first);
	for (i = 0; rig->chase_planted && i < rig->cfg.nr_vcpus; i++)
		plant_links(rig, i);
}

int rig_discard(struct rig *rig, uint64_t first_page, uint64_t nr_pages,
		struct reason *why)
{
	/* Shared memory lives in its file: a hole must be punched into it. */
	int shared = rig->cfg.backing == BACKING_SHMEM ||
		     rig->cfg.backing == BACKING_MEMFD;
	char *at = (char *)rig->mem.hva + first_page * 4096;

	if (madvise(at, nr_pages * 4096, shared ? MADV_REMOVE : MADV_DONTNEED))
		return reason_set(why, -errno, "cannot discard guest memory: %s",
				  strerror(errno));
	rig_pages_replaced(rig, first_page, nr_pages);
	return 0;
}
