/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options that all scenario programs share.  A name or letter means the
 * same in every program, and the same as in upstream's perf tests.
 */
#ifndef MMUBENCH_PARAMS_H
#define MMUBENCH_PARAMS_H

#include "base/opt.h"

struct rig_config;

struct params {
	uint32_t vcpus;			/* -v */
	uint64_t vcpu_bytes;		/* -b, per vCPU */
	int backing;			/* -s, enum rig_backing */
	uint32_t rounds;		/* -i */
	uint32_t calls;			/* --calls, per round */
	bool overlap;			/* -o */
	uint64_t gpa;			/* -p */
	uint64_t seed;			/* -r */
	uint32_t slots;			/* -x */
	uint32_t write_pct;		/* -w */
	const char *place;		/* -c: policy or CPU list */
	int node;			/* --mem-node, -1 = by policy */
	int payload;			/* -a ... index into payload_members[] */
	int op;				/* --op */
	uint64_t unit_bytes;		/* --unit */
	uint32_t stride;		/* --stride, units */
	double zipf_theta;		/* --zipf-theta */
	uint32_t think;			/* --think, TSC ticks */
	int guest;			/* --guest user|kernel */
	uint64_t guest_page_bytes;	/* --guest-page */
	uint32_t guest_levels;		/* --guest-levels: 4 or 5 */
	const char *trace;		/* --trace: tracepoints to count */
	const char *span;		/* --span: two tracepoints to time between */
	uint32_t timeout_s;		/* --timeout of a case */
	const char *results;		/* --results */
	int profile;			/* --profile */
};

enum profile { PROFILE_SMOKE, PROFILE_STANDARD, PROFILE_HEADLINE };

extern const struct opt params_opts[];

/* Names of the profiles, NULL-terminated. */
extern const char *const params_profiles[];

/*
 * Set the sizes that the user did not give to those of the profile.  smoke runs
 * in seconds on two cores; headline is 64 vCPUs x 1 GiB.  Call after parsing;
 * @given holds the options that the user set.
 */
void params_apply_profile(struct params *p, json_t *given);

/*
 * Check limits that span several options: the sizes of the rig, see
 * rig_check_sizes(), and what a payload can take.  0, or -EINVAL with @why,
 * which names the option.
 */
int params_check(const struct params *p, struct reason *why);

/* Make a rig configuration from the options, for the caller to adjust. */
void params_rig_config(const struct params *p, struct rig_config *cfg);

#endif
