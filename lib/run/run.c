// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run engine: phases on the record, from the start of the vCPU threads
 * (job.c) and agents (agent.c) to their end.
 *
 * KVM's counters and the probes are read at the ends of phases only, and
 * recorded when all is over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "internal.h"

/* ---- phases -------------------------------------------------------------- */

static void phase_end(struct run *r)
{
	struct kstat_snap *now = kstat_snap(r->rig->kstat);

	if (r->phase) {
		rec_phase(r->rec, r->phase->name, r->phase_start_ns,
			  timing_now_ns());
		kstat_sum_add(&r->phase->sum, r->phase_snap, now);
	}
	probe_set_read(r->probes, r->phase ? r->phase->probed : NULL);
	kstat_snap_free(r->phase_snap);
	r->phase_snap = now;
	r->phase = NULL;
}

static struct run_phase_sum *phase_find(struct run *r, const char *name)
{
	unsigned int i;

	for (i = 0; i < r->nr_phases; i++)
		if (!strcmp(r->phases[i].name, name))
			return &r->phases[i];
	if (r->nr_phases == RUN_MAX_PHASES) {
		r->phases_lost = true;
		return &r->phases[RUN_MAX_PHASES - 1];
	}
	snprintf(r->phases[r->nr_phases].name, sizeof(r->phases->name), "%s",
		 name);
	return &r->phases[r->nr_phases++];
}

void run_phase(struct run *r, const char *name)
{
	phase_end(r);
	r->phase = phase_find(r, name);
	r->phase_start_ns = timing_now_ns();
}

static void record_probed(struct run *r, const struct probe_ops *ops,
			  const struct run_phase_sum *p, struct probe_sum *sum)
{
	char name[48];

	snprintf(name, sizeof(name), "%s.%.31s", ops->name, p->name);
	kstat_sum_record(r->rec, name, &sum->counts);
	if (sum->times && !sum->counts.err)
		rec_dist(r->rec, name, sum->times, "ns", 1, BETTER_LOWER);
	probe_sum_free(sum);
}

static void record_phases(struct run *r)
{
	int err = kstat_error(r->rig->kstat);
	struct run_phase_sum *p;
	char name[48];
	unsigned int i;

	if (err)
		rec_invalid(r->rec, "KVM's counters could not always be read: %s",
			    strerror(-err));
	if (r->phases_lost)
		rec_invalid(r->rec, "there are more than %u phases; the last counters are those of several",
			    RUN_MAX_PHASES);
	for (p = r->phases; p < r->phases + r->nr_phases; p++) {
		snprintf(name, sizeof(name), "kvm.%.31s", p->name);
		kstat_sum_record(r->rec, name, &p->sum);
		kstat_sum_free(&p->sum);
		for (i = 0; probe_members[i]; i++)
			record_probed(r, probe_members[i], p,
				      &p->probed[i]);
	}
}

struct run *run_open(struct rig *rig, struct topo *topo, struct rec *rec,
		     struct reason *why)
{
	/* The first entry brings every guest to its first doorbell. */
	const struct run_job boot = { .cmd = GUEST_NULL };
	struct run *r = calloc(1, sizeof(*r));

	if (r)
		r->vcpu = calloc(rig->cfg.nr_vcpus, sizeof(*r->vcpu));
	if (!r || !r->vcpu) {
		free(r);
		reason_set(why, -ENOMEM, "no memory for the run engine");
		return NULL;
	}
	r->rig = rig;
	r->topo = topo;
	r->rec = rec;
	r->timeout_s = RUN_DEFAULT_TIMEOUT_S;
	if (run_threads_start(r, why) || run_job(r, &boot, why)) {
		run_close(r);
		return NULL;
	}
	return r;
}

void run_close(struct run *r)
{
	if (!r)
		return;
	run_agents_stop(r, NULL);
	run_agents_free(r);
	if (r->nr_busy)
		run_stop(r, NULL);
	phase_end(r);
	record_phases(r);
	run_threads_end(r);
	kstat_snap_free(r->phase_snap);
	free(r->vcpu);
	free(r);
}

void run_set_timeout(struct run *r, unsigned int seconds)
{
	r->timeout_s = seconds;
}

void run_set_probes(struct run *r, struct probe_set *set)
{
	r->probes = set;
}

void run_set_seed(struct run *r, uint64_t seed)
{
	r->tag_state = seed;
}
