// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options that every scenario program shares, and the profiles.
 *
 * Answers "what does this letter mean" once for all programs; the letters
 * are those of upstream's perf tests.  It cannot tell whether this host has
 * the memory or the vCPUs: the rig finds out.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>

#include "bench/params.h"
#include "payload/payload.h"
#include "record/place.h"
#include "rig/rig.h"

#define P(member) .offset = offsetof(struct params, member)

const char *const params_profiles[] = {
	[PROFILE_SMOKE] = "smoke",
	[PROFILE_STANDARD] = "standard",
	[PROFILE_HEADLINE] = "headline",
	NULL,
};

static const char *const guests[] = { "user", "kernel", NULL };

const struct opt params_opts[] = {
	{ .name = "profile", .type = OPT_CHOICE, P(profile),
	  .choices = params_profiles, .def = "smoke",
	  .help = "default sizes: smoke = 2 vCPUs x 16M, standard = 8 x 256M, headline = 64 x 1G; smoke and standard use no more vCPUs than there are CPUs" },
	{ .name = "vcpus", .letter = 'v', .type = OPT_U32, P(vcpus),
	  .def = "2", .min = 1, .max = 4096,
	  .help = "number of vCPUs, each with a host thread; set by --profile" },
	{ .name = "bytes", .letter = 'b', .type = OPT_BYTES, P(vcpu_bytes),
	  .def = "16M", .min = 4096, .max = 1ull << 46,
	  .help = "memory under test per vCPU, or in all with --overlap; set by --profile" },
	{ .name = "backing", .letter = 's', .type = OPT_CHOICE, P(backing),
	  .choices = rig_backing_names, .def = "anonymous",
	  .help = "kind of host memory behind the guest; limits the host page size" },
	{ .name = "rounds", .letter = 'i', .type = OPT_U32, P(rounds),
	  .def = "5", .min = 1, .max = 1000000,
	  .help = "repetitions of the measured step; set by --profile" },
	{ .name = "calls", .type = OPT_U32, P(calls), .def = "40",
	  .min = 1, .max = 100000, .help = "host calls timed per round, in cases that time single calls; set by --profile" },
	{ .name = "overlap", .letter = 'o', .type = OPT_FLAG, P(overlap),
	  .help = "share all memory among the vCPUs instead of giving each a part" },
	{ .name = "gpa", .letter = 'p', .type = OPT_BYTES, P(gpa),
	  .def = "0", .max = 1ull << 52,
	  .help = "guest physical address of the memory; 0 = just below the top of guest memory" },
	{ .name = "seed", .letter = 'r', .type = OPT_U64, P(seed),
	  .def = "1",
	  .help = "random seed; the same seed gives the same access order" },
	{ .name = "slots", .letter = 'x', .type = OPT_U32, P(slots),
	  .def = "1", .min = 1, .max = 32000, .unit = "memslots",
	  .help = "number of memslots that the memory is divided into" },
	{ .name = "write-pct", .letter = 'w', .type = OPT_U32, P(write_pct),
	  .def = "100", .max = 100, .unit = "%",
	  .help = "share of accesses that write, or do what --op says; the others read" },
	{ .name = "place", .letter = 'c', .type = OPT_STRING, P(place),
	  .def = "compact",
	  .help = "CPUs for the threads: compact, spread, cross-node, or a list such as 0,2,4-7" },
	{ .name = "mem-node", .type = OPT_INT_AUTO, P(node),
	  .def = "auto", .max = 1023,
	  .help = "NUMA node of the memory; auto = as --place implies" },
	{ .name = "payload", .type = OPT_CHOICE, P(payload),
	  .registry = payload_members, .def = "seq",
	  .help = "order in which the guest accesses its memory" },
	{ .name = "random", .letter = 'a', .type = OPT_ALIAS,
	  .def = "payload=uniform", .help = "access memory in random order" },
	{ .name = "op", .type = OPT_CHOICE, P(op),
	  .choices = payload_op_names, .def = "write",
	  .help = "operation on each unit, in cases that do not dictate it" },
	{ .name = "unit", .type = OPT_BYTES, P(unit_bytes),
	  .def = "4K", .min = GUEST_UNIT_MIN, .max = 1ull << 30,
	  .help = "span of memory that one access represents" },
	{ .name = "stride", .type = OPT_U32, P(stride),
	  .def = "1", .min = 1, .max = ORDER_UNIT_MASK, .unit = "units",
	  .help = "distance between the accesses of the stride payload" },
	{ .name = "zipf-theta", .type = OPT_DOUBLE, P(zipf_theta),
	  .def = "0.99", .max = 10,
	  .help = "skew of the zipf payload; above 0, and not 1" },
	{ .name = "think", .type = OPT_U32, P(think),
	  .def = "0", .unit = "TSC ticks",
	  .help = "idle time of the guest between accesses" },
	{ .name = "guest", .type = OPT_CHOICE, P(guest),
	  .choices = guests, .def = "user",
	  .help = "privilege level of the guest code; a software KVM interprets kernel code" },
	{ .name = "guest-page", .type = OPT_BYTES, P(guest_page_bytes),
	  .def = "4K", .min = 4096, .max = 1ull << 30,
	  .help = "page size of the guest's own mappings: 4K, 2M or 1G" },
	{ .name = "guest-levels", .type = OPT_U32, P(guest_levels),
	  .def = "4", .min = 4, .max = 5, .unit = "levels",
	  .help = "levels of the guest's page tables; 5 needs a CPU with LA57" },
	{ .name = "trace", .type = OPT_STRING, P(trace),
	  .help = "tracepoints to count in every phase, such as kvmmmu:*,kvm:kvm_exit; each hit costs time" },
	{ .name = "span", .type = OPT_STRING, P(span),
	  .help = "pair of tracepoints, such as kvm:kvm_exit..kvm:kvm_entry; BPF measures in every phase how long a thread takes from the first to the second" },
	{ .name = "timeout", .type = OPT_U32, P(timeout_s),
	  .def = "60", .min = 1, .max = 86400, .unit = "s",
	  .help = "time limit of a case, after which it is ended; set by --profile" },
	{ .name = "results", .type = OPT_STRING, P(results),
	  .help = "directory for the records; created if missing" },
	OPT_END
};

struct profile_sizes {
	uint32_t vcpus;
	bool cap_vcpus;		/* no more than there are CPUs */
	uint64_t vcpu_bytes;
	uint32_t rounds;
	uint32_t calls;
	uint32_t timeout_s;
};

/* Chosen: smoke for seconds, headline as in kernel cover letters. */
static const struct profile_sizes profile_sizes[] = {
	[PROFILE_SMOKE] = { 2, true, 16ull << 20, 5, 40, 60 },
	[PROFILE_STANDARD] = { 8, true, 256ull << 20, 10, 40, 300 },
	[PROFILE_HEADLINE] = { 64, false, 1ull << 30, 10, 40, 1800 },
};

/* An emulated CPU is a hundred times slower, and its counts are exact. */
static const struct profile_sizes emulated_smoke = {
	2, true, 2ull << 20, 5, 8, 120
};

static uint32_t usable_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

static bool is_given(const json_t *given, const char *name)
{
	return given && json_object_get(given, name);
}

void params_apply_profile(struct params *p, json_t *given)
{
	const struct profile_sizes *s = &profile_sizes[p->profile];
	uint32_t cpus = usable_cpus();

	if (p->profile == PROFILE_SMOKE && place_emulated())
		s = &emulated_smoke;

	if (!is_given(given, "vcpus"))
		p->vcpus = s->cap_vcpus && cpus < s->vcpus ? cpus : s->vcpus;
	if (!is_given(given, "bytes"))
		p->vcpu_bytes = s->vcpu_bytes;
	if (!is_given(given, "rounds"))
		p->rounds = s->rounds;
	if (!is_given(given, "calls"))
		p->calls = s->calls;
	if (!is_given(given, "timeout"))
		p->timeout_s = s->timeout_s;
}

void params_rig_config(const struct params *p, struct rig_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->nr_vcpus = p->vcpus;
	cfg->vcpu_bytes = p->vcpu_bytes;
	cfg->backing = p->backing;
	cfg->guest_page_bytes = p->guest_page_bytes;
	cfg->unit_bytes = p->unit_bytes;
	cfg->overlap = p->overlap;
	cfg->guest_kernel = p->guest == 1;
	cfg->guest_la57 = p->guest_levels == 5;
	cfg->exec = p->op == OP_EXEC;
	cfg->nr_slots = p->slots;
	cfg->gpa = p->gpa;
	cfg->node = p->node;
}

/* The options that the rig's sizes come from. */
static const char *const size_options[NR_RIG_SIZES] = {
	[RIG_VCPUS] = "option --vcpus",
	[RIG_GUEST_PAGE] = "option --guest-page",
	[RIG_VCPU_BYTES] = "option --bytes",
	[RIG_UNIT] = "option --unit",
	[RIG_SLOTS] = "option --slots",
	[RIG_GPA] = "option --gpa",
};

int params_check(const struct params *p, struct reason *why)
{
	struct rig_config cfg;
	int err;

	params_rig_config(p, &cfg);
	err = rig_check_sizes(&cfg, size_options, why);
	if (err)
		return err;
	if (!(p->zipf_theta > 0) || fabs(p->zipf_theta - 1) < 1e-9)
		return reason_usage(why, -EINVAL,
				    "option --zipf-theta: give a number above 0, other than 1");
	return 0;
}
