/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options that every scenario program shares; a name or letter means the
 * same everywhere, and what upstream's perf tests mean by it.
 */
#ifndef MMUBENCH_PARAMS_H
#define MMUBENCH_PARAMS_H

#include "base/opt.h"
#include "rig/rig.h"

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
	int payload;			/* -a ... index into payloads[] */
	int op;				/* --op */
	uint64_t unit_bytes;		/* --unit */
	uint32_t stride;		/* --stride, units */
	double zipf_theta;		/* --zipf-theta */
	uint32_t think;			/* --think, TSC ticks */
	int guest;			/* --guest user|kernel */
	uint64_t guest_page_bytes;	/* --guest-page */
	const char *trace;		/* --trace: tracepoints to count */
	const char *span;		/* --span: two, the way between to time */
	uint32_t timeout_s;		/* --timeout of a case */
	const char *results;		/* --results */
	int profile;			/* --profile */
};

enum profile { PROFILE_SMOKE, PROFILE_STANDARD, PROFILE_HEADLINE };

extern const struct opt params_opts[];

/* Names of the profiles, NULL-terminated. */
extern const char *const params_profiles[];

/*
 * Put the profile's sizes where the user gave none; smoke fits two cores and
 * seconds, headline is 64 vCPUs x 1 GiB.  Call after parsing; @given tells
 * which options the user set.
 */
void params_apply_profile(struct params *p, json_t *given);

/*
 * Limits that span several options: memory is whole guest pages, units fit
 * into it, ...  0, or -EINVAL with @why.
 */
int params_check(const struct params *p, struct reason *why);

/* A rig configuration from the options; callers adjust it. */
void params_rig_config(const struct params *p, struct rig_config *cfg);

/* Geometry for vCPU @vcpu's payload from the options. */
void params_geom(const struct params *p, const struct rig *rig,
		 unsigned int vcpu, struct payload_geom *g);

#endif
