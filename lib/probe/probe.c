// SPDX-License-Identifier: GPL-2.0-only
/* The set of probes of one case, and the probe of an own MMU's counters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "probe/probe.h"

#define ENGINE_STATS "/sys/module/kvm/parameters/mmu_stats"

/* ---- engine --------------------------------------------------------------- */

static int engine_open(void **state, const struct probe_wish *wish,
		       struct reason *why)
{
	return host_exists(ENGINE_STATS) ? 0 : -ENOENT;
}

/* One "name value" per line. */
static void engine_read(void *state, struct kstat_sum *now)
{
	char text[4096], name[64], *line, *rest = text;
	long long value;

	if (host_read(ENGINE_STATS, text, sizeof(text)) < 0)
		return;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%63s %lld", name, &value) == 2)
			kstat_sum_count(now, name, value);
	}
}

static void engine_close(void *state)
{
}

const struct probe_ops probe_engine = {
	.name = "engine",
	.open = engine_open,
	.read = engine_read,
	.close = engine_close,
};

/* ---- the set -------------------------------------------------------------- */

const struct probe_ops *const probes[] = {
	&probe_engine, &probe_trace, &probe_span, NULL
};

_Static_assert(sizeof(probes) / sizeof(probes[0]) == NR_PROBES + 1,
	       "NR_PROBES in probe.h counts these");

struct probe_set {
	struct {
		bool open;
		void *state;
		struct kstat_sum last;
	} probe[NR_PROBES];
};

struct probe_set *probe_set_open(const struct probe_wish *wish,
				 struct reason *why)
{
	struct probe_set *set = calloc(1, sizeof(*set));
	unsigned int i;
	int err;

	if (!set) {
		reason_set(why, -ENOMEM, "no memory for the probes");
		return NULL;
	}
	for (i = 0; i < NR_PROBES; i++) {
		err = probes[i]->open(&set->probe[i].state, wish, why);
		set->probe[i].open = !err;
		if (err && err != -ENOENT) {
			probe_set_close(set);
			return NULL;
		}
	}
	probe_set_read(set, NULL);
	return set;
}

void probe_set_close(struct probe_set *set)
{
	unsigned int i;

	for (i = 0; set && i < NR_PROBES; i++) {
		if (set->probe[i].open)
			probes[i]->close(set->probe[i].state);
		kstat_sum_free(&set->probe[i].last);
	}
	free(set);
}

static void read_counts(const struct probe_ops *ops, void *state,
			struct kstat_sum *last, struct kstat_sum *sum)
{
	struct kstat_sum now = { 0 };
	unsigned int n;

	ops->read(state, &now);
	for (n = 0; sum && n < now.nr; n++)
		kstat_sum_count(sum, now.counts[n].name, now.counts[n].value);
	for (n = 0; sum && n < last->nr; n++)
		kstat_sum_count(sum, last->counts[n].name,
				-last->counts[n].value);
	kstat_sum_free(last);
	*last = now;
}

void probe_set_read(struct probe_set *set, struct probe_sum *sums)
{
	unsigned int i;

	for (i = 0; set && i < NR_PROBES; i++) {
		if (!set->probe[i].open)
			continue;
		if (probes[i]->read)
			read_counts(probes[i], set->probe[i].state,
				    &set->probe[i].last,
				    sums ? &sums[i].counts : NULL);
		if (!probes[i]->read_times)
			continue;
		if (sums && !sums[i].times)
			sums[i].times = calloc(1, sizeof(*sums[i].times));
		probes[i]->read_times(set->probe[i].state,
				      sums ? sums[i].times : NULL);
	}
}

void probe_sum_free(struct probe_sum *sum)
{
	kstat_sum_free(&sum->counts);
	free(sum->times);
	sum->times = NULL;
}
