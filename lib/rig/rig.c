// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building and tearing down the test rig, see rig.h.
 *
 * Order matters: check, map memory, create the VM, let the hooks
 * backend enable what must come before vCPUs, add memslots, map everything
 * in the guest's page tables, add vCPUs, open the tables to ring 3.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "rig/kvmcompat.h"
#include "internal.h"
#include "smm.h"

#define GUEST_PAGE 4096ull

static uint64_t round_up_to(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

/* One vCPU's share of the auxiliary memory: job, histograms, order table. */
static uint64_t aux_share_bytes(const struct rig_config *cfg)
{
	return GUEST_PAGE + round_up_to(sizeof(struct guest_hists), GUEST_PAGE) +
	       round_up_to((uint64_t)cfg->max_accesses * sizeof(uint32_t),
			   GUEST_PAGE);
}

static int map_aux(struct rig *rig, struct reason *why)
{
	uint64_t share = aux_share_bytes(&rig->cfg);
	uint64_t jobs_bytes = share * rig->cfg.nr_vcpus;
	unsigned int i;

	rig->aux_bytes = jobs_bytes +
			 round_up_to(rig->cfg.shared_bytes, GUEST_PAGE);
	rig->aux = mmap(NULL, rig->aux_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (rig->aux == MAP_FAILED) {
		rig->aux = NULL;
		return reason_set(why, -ENOMEM,
				  "no memory for order tables of %" PRIu64 " MiB",
				  rig->aux_bytes >> 20);
	}
	rig->shared = (char *)rig->aux + jobs_bytes;
	rig->shared_gva = RIG_AUX_GVA + jobs_bytes;
	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		char *mine = (char *)rig->aux + i * share;
		struct guest_job *job = (struct guest_job *)mine;
		uint64_t gva = RIG_AUX_GVA + i * share;

		rig->jobs[i] = job;
		rig->hists[i] = (struct guest_hists *)(mine + GUEST_PAGE);
		rig->orders[i] = (uint32_t *)(mine + GUEST_PAGE +
			round_up_to(sizeof(struct guest_hists), GUEST_PAGE));
		job->hists_gva = gva + GUEST_PAGE;
		job->order_gva = gva + ((char *)rig->orders[i] - mine);
		job->unit_lg2 = __builtin_ctz(rig->cfg.unit_bytes);
		job->vcpu = rig_vcpu_word(rig, i);
		job->mem_gva = rig->mem_gva +
			(rig->cfg.overlap ? 0 : i * rig->cfg.vcpu_bytes);
	}
	return 0;
}

static int alloc_arrays(struct rig *rig, struct reason *why)
{
	unsigned int nr = rig->cfg.nr_vcpus;

	rig->vcpus = calloc(nr, sizeof(*rig->vcpus));
	rig->vcpu_fds = calloc(nr, sizeof(*rig->vcpu_fds));
	rig->jobs = calloc(nr, sizeof(*rig->jobs));
	rig->orders = calloc(nr, sizeof(*rig->orders));
	rig->hists = calloc(nr, sizeof(*rig->hists));
	rig->slot_flags = calloc(rig->cfg.nr_slots, sizeof(*rig->slot_flags));
	if (!rig->vcpus || !rig->vcpu_fds || !rig->jobs || !rig->orders ||
	    !rig->hists || !rig->slot_flags)
		return reason_set(why, -ENOMEM, "no memory for %u vCPUs", nr);
	return 0;
}

static int place_memory(struct rig *rig, struct reason *why)
{
	uint64_t bytes = rig_total_bytes(&rig->cfg);
	uint64_t align = rig_backing_page_bytes(rig->cfg.backing);
	uint64_t top = (rig->vm->max_gfn + 1) * GUEST_PAGE;

	if (align < rig->cfg.guest_page_bytes)
		align = rig->cfg.guest_page_bytes;
	if (align < 2 << 20)
		align = 2 << 20;	/* so that huge pages stay possible */
	if (rig->cfg.gpa + bytes > top ||
	    RIG_AUX_GPA + round_up_to(rig->aux_bytes, align) + bytes > top)
		return reason_usage(why, -EINVAL,
				    "%" PRIu64 " MiB at this guest physical address reach beyond what the guest can address (%" PRIu64 " MiB)",
				    bytes >> 20, top >> 20);
	rig->mem.gpa = rig->cfg.gpa ? rig->cfg.gpa :
		       (top - bytes) / align * align;
	rig->mem.slot = RIG_FIRST_SLOT;
	rig->slot_pages = rig->mem.nr_pages / rig->cfg.nr_slots;
	return 0;
}

static int add_slots(struct rig *rig, struct reason *why)
{
	const struct gpages aux = {
		.hva = rig->aux, .gpa = RIG_AUX_GPA, .slot = RIG_AUX_SLOT,
		.nr_pages = rig->aux_bytes / GUEST_PAGE,
	};
	unsigned int i;
	int ret;

	ret = rig_set_slot(rig, &aux, 0, why);
	for (i = 0; !ret && i < rig->cfg.nr_slots; i++) {
		struct gpages part = rig_slot_pages(rig, i);

		ret = rig_set_slot(rig, &part, 0, why);
	}
	return ret;
}

static void map_in_guest(struct rig *rig)
{
	int level = PG_LEVEL_4K;

	if (rig->cfg.guest_page_bytes > 2 << 20)
		level = PG_LEVEL_1G;
	else if (rig->cfg.guest_page_bytes > GUEST_PAGE)
		level = PG_LEVEL_2M;
	virt_map_level(rig->vm, RIG_AUX_GVA, RIG_AUX_GPA, rig->aux_bytes,
		       PG_LEVEL_4K);
	virt_map_level(rig->vm, RIG_DOORBELL_GVA, RIG_DOORBELL_GPA, GUEST_PAGE,
		       PG_LEVEL_4K);
	virt_map_level(rig->vm, rig->mem_gva, rig->mem.gpa,
		       rig->mem.nr_pages * GUEST_PAGE, level);
}

static void use_kvm_tsc_rate(struct rig *rig)
{
	int khz = ioctl(rig->vcpu_fds[0], KVM_GET_TSC_KHZ, NULL);

	if (khz > 0)
		timing_set_tsc_khz(khz);
}

/* An old KVM has no counters; any other failure would hide those there are. */
static int open_counters(struct rig *rig, struct reason *why)
{
	struct reason bad;

	rig->kstat = kstat_open(rig->vm_fd, rig->vcpu_fds, rig->cfg.nr_vcpus,
				&bad);
	if (rig->kstat || bad.err == -ENOTTY)
		return 0;
	return reason_set(why, bad.err, "%s", bad.text);
}

static int build(struct rig *rig, struct reason *why)
{
	/* Guest page tables for the memory under test, plus stacks and TSSs. */
	uint64_t extra = rig_total_bytes(&rig->cfg) / rig->cfg.guest_page_bytes +
			 aux_share_bytes(&rig->cfg) * rig->cfg.nr_vcpus / 4096 +
			 (64 + rig->cfg.nr_vcpus) * 512;
	int ret;

	ret = alloc_arrays(rig, why);
	if (!ret)
		ret = rig_map_memory(rig, why);
	if (!ret)
		ret = map_aux(rig, why);
	if (!ret)
		ret = rig_alloc_oracles(rig, why);
	if (ret)
		return ret;
	rig->vm = compat_vm_create(rig->cfg.nr_vcpus, extra);
	rig->vm_fd = rig->vm->fd;
	compat_vm_prepare_exceptions(rig->vm);
	if (rig->cfg.hooks.vm_created)
		ret = rig->cfg.hooks.vm_created(rig->cfg.hooks.arg, rig, why);
	if (!ret && rig->cfg.guest_smm)
		ret = smm_check(rig, why);
	if (!ret)
		ret = place_memory(rig, why);
	if (!ret)
		ret = add_slots(rig, why);
	if (ret)
		return ret;
	map_in_guest(rig);
	if (rig->cfg.guest_smm)
		ret = smm_open(rig, why);
	if (ret)
		return ret;
	ret = rig_add_vcpus(rig, why);
	if (ret)
		return ret;
	use_kvm_tsc_rate(rig);
	if (rig->cfg.exec)
		rig_plant_returns(rig, 0, rig->mem.nr_pages * GUEST_PAGE /
				  rig->cfg.unit_bytes);
	return open_counters(rig, why);
}

struct rig *rig_create(const struct rig_config *cfg, struct reason *why)
{
	struct rig *rig;

	if (rig_check_sizes(cfg, NULL, why) || rig_check_host(cfg, why))
		return NULL;
	rig = calloc(1, sizeof(*rig));
	if (!rig) {
		reason_set(why, -ENOMEM, "no memory for a test rig");
		return NULL;
	}
	rig->cfg = *cfg;
	if (!rig->cfg.max_accesses)
		rig->cfg.max_accesses = rig_vcpu_units(rig);
	rig->mem_fd = -1;
	rig->vm_fd = -1;
	rig->mem_gva = RIG_MEM_GVA;
	if (build(rig, why)) {
		rig_destroy(rig);
		return NULL;
	}
	return rig;
}

void rig_destroy(struct rig *rig)
{
	if (!rig)
		return;
	kstat_close(rig->kstat);
	if (rig->vm)
		kvm_vm_free(rig->vm);
	rig_unmap_memory(rig);
	if (rig->aux)
		munmap(rig->aux, rig->aux_bytes);
	if (rig->flush_page)
		munmap(rig->flush_page, 4096);
	rig_free_oracles(rig);
	smm_close(rig);
	free(rig->slot_flags);
	free(rig->hists);
	free(rig->orders);
	free(rig->jobs);
	free(rig->vcpu_fds);
	free(rig->vcpus);
	free(rig);
}
