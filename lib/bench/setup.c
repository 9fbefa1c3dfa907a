// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building blocks of scenarios: topology, rig, run engine and payload from
 * the common options.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bench/bench.h"
#include "payload/payload.h"
#include "topo/topo.h"

void bench_geom(const struct bench *b, unsigned int vcpu,
		struct payload_geom *g)
{
	memset(g, 0, sizeof(*g));
	g->nr_units = rig_vcpu_units(b->rig);
	g->nr_accesses = g->nr_units;
	g->vcpu = vcpu;
	g->seed = b->p.seed;
	g->write_pct = b->p.write_pct;
	g->op = b->p.op;
	g->zipf_theta = b->p.zipf_theta;
	g->stride_units = b->p.stride;
}

/* The agents have what is left: that they share is shown by the placement. */
static void note_sharing(struct bench *b, unsigned int nr_vcpus)
{
	unsigned int i;

	for (i = 0; i < nr_vcpus && !topo_vcpu(b->topo, i)->shared; i++)
		;
	if (i < nr_vcpus)
		rec_note(b->rec, "vCPUs share CPUs: their times include waiting for a turn");
}

/* The thread that runs the case, and times what the host does, is the last. */
static int place_host(struct bench *b, unsigned int nr_agents)
{
	int err = topo_name_agent(b->topo, nr_agents, "host");

	if (err)
		return reason_set(&b->why, err, "no memory for the placement");
	b->home = topo_save_self();
	return topo_pin_self(topo_agent(b->topo, nr_agents), &b->why);
}

static int plan(struct bench *b, unsigned int nr_vcpus, unsigned int nr_agents)
{
	int err;

	b->topo = topo_plan(b->p.place, nr_vcpus, nr_agents + 1, &b->why);
	if (!b->topo)
		return b->why.err;
	err = place_host(b, nr_agents);
	if (err)
		return err;
	rec_line(b->rec, "run", json_pack("{s:o}", "placement",
					  topo_json(b->topo)));
	note_sharing(b, nr_vcpus);
	return 0;
}

int bench_rig(struct bench *b, const struct rig_config *cfg,
	      unsigned int nr_agents)
{
	const struct probe_wish wish = {
		.trace = b->p.trace, .span = b->p.span,
	};
	struct rig_config c;
	int err;

	bench_rig_free(b);
	if (cfg)
		c = *cfg;
	else
		params_rig_config(&b->p, &c);
	err = plan(b, c.nr_vcpus, nr_agents);
	if (err)
		return err;
	if (c.node < 0)
		c.node = topo_memory_node(b->topo);
	b->rig = rig_create(&c, &b->why);
	if (!b->rig)
		return b->why.err;
	/* Before the vCPUs' threads start: they inherit what is counted. */
	b->probes = probe_set_open(&wish, &b->why);
	if (!b->probes)
		return b->why.err;
	b->run = run_open(b->rig, b->topo, b->rec, &b->why);
	if (!b->run)
		return b->why.err;
	run_set_probes(b->run, b->probes);
	run_set_seed(b->run, b->p.seed);
	/* Shorter than the supervisor's, so that the case can say what hung. */
	run_set_timeout(b->run, b->p.timeout_s - b->p.timeout_s / 4);
	return 0;
}

void bench_rig_free(struct bench *b)
{
	if (b->run)
		run_close(b->run);
	probe_set_close(b->probes);
	rig_destroy(b->rig);
	if (b->topo)
		topo_free(b->topo);
	topo_restore_self(b->home);
	b->home = NULL;
	b->run = NULL;
	b->probes = NULL;
	b->rig = NULL;
	b->topo = NULL;
}

int bench_load_order(struct bench *b, uint64_t seed)
{
	const struct payload_ops *p = payload_members[b->p.payload];
	struct payload_geom g;
	unsigned int i;
	int err = 0;

	for (i = 0; i < b->rig->cfg.nr_vcpus && !err; i++) {
		bench_geom(b, i, &g);
		g.seed = seed;
		err = rig_load_payload(b->rig, i, p, &g, &b->why);
	}
	return err;
}

int bench_load_payload(struct bench *b)
{
	return bench_load_order(b, b->p.seed);
}

int bench_populate(struct bench *b)
{
	const struct payload_ops *seq = payload_find("seq", &b->why);
	struct run_job job = { .cmd = GUEST_ACCESS, .op = OP_WRITE };
	struct payload_geom g;
	unsigned int i;
	int err = 0;

	/* One write per unit, whatever the payload does later. */
	for (i = 0; i < b->rig->cfg.nr_vcpus && !err; i++) {
		bench_geom(b, i, &g);
		g.write_pct = 100;
		g.op = OP_WRITE;
		err = rig_load_payload(b->rig, i, seq, &g, &b->why);
	}
	if (err)
		return err;
	run_phase(b->run, "populate");
	err = run_job(b->run, &job, &b->why);
	return err ? err : bench_load_payload(b);
}

struct run_job bench_job(const struct bench *b, enum payload_op op,
			 unsigned int flags)
{
	unsigned int caps = payload_members[b->p.payload]->caps;
	struct run_job job = {
		.cmd = GUEST_ACCESS, .flags = flags, .op = op,
		.think = b->p.think,
	};

	if (caps & PAYLOAD_NO_ACCESS)
		job.cmd = GUEST_NULL;
	else if (caps & PAYLOAD_CHASE)
		job.cmd = GUEST_CHASE;
	/* --write-pct: the table says which accesses only read. */
	if (b->p.write_pct < 100 && (int)op == b->p.op && job.cmd != GUEST_NULL)
		job.flags |= GUEST_MIXED;
	return job;
}

void bench_check_content(struct bench *b, const char *name)
{
	struct reason what = { .text = "all units hold what was written" };
	uint64_t wrong = 0;
	unsigned int i;

	for (i = 0; i < b->rig->cfg.nr_vcpus; i++)
		wrong += rig_verify(b->rig, i, &what);
	rec_check(b->rec, name, !wrong, "%" PRIu64 " wrong units; %s", wrong,
		  what.text);
}
