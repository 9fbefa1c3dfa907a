// SPDX-License-Identifier: GPL-2.0-only
/* The registry of probes and the set of them that one case opens. */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"

const struct probe_ops *const probe_members[] = {
	PROBE_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct probe_ops);
_Static_assert(sizeof(probe_members) / sizeof(probe_members[0]) <=
	       PROBES_MAX + 1, "PROBES_MAX in probe.h has room for all");

struct probe_set {
	struct {
		bool open;
		void *state;
		struct kstat_sum last;
	} probe[PROBES_MAX];
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
	for (i = 0; probe_members[i]; i++) {
		err = probe_members[i]->open(&set->probe[i].state, wish, why);
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

	for (i = 0; set && probe_members[i]; i++) {
		if (set->probe[i].open)
			probe_members[i]->close(set->probe[i].state);
		kstat_sum_free(&set->probe[i].last);
	}
	free(set);
}

/* What @now has more than @last, or what either of them lacks. */
static void add_difference(struct kstat_sum *sum, const struct kstat_sum *now,
			   const struct kstat_sum *last)
{
	unsigned int n;

	if (now->err || last->err)
		kstat_sum_fail(sum, now->err ? now->err : last->err);
	for (n = 0; n < now->nr; n++)
		kstat_sum_count(sum, now->counts[n].name, now->counts[n].value);
	for (n = 0; n < last->nr; n++)
		kstat_sum_count(sum, last->counts[n].name,
				-last->counts[n].value);
}

static void read_counts(const struct probe_ops *ops, void *state,
			struct kstat_sum *last, struct kstat_sum *sum)
{
	struct kstat_sum now = { 0 };
	int err = ops->read(state, &now);

	if (err)
		kstat_sum_fail(&now, err);
	if (sum)
		add_difference(sum, &now, last);
	kstat_sum_free(last);
	*last = now;
}

static void read_times(const struct probe_ops *ops, void *state,
		       struct probe_sum *sum)
{
	if (sum && !sum->times) {
		sum->times = calloc(1, sizeof(*sum->times));
		if (!sum->times)
			kstat_sum_fail(&sum->counts, -ENOMEM);
	}
	ops->read_times(state, sum ? sum->times : NULL);
}

void probe_set_read(struct probe_set *set, struct probe_sum *sums)
{
	unsigned int i;

	for (i = 0; set && probe_members[i]; i++) {
		const struct probe_ops *ops = probe_members[i];

		if (!set->probe[i].open)
			continue;
		if (ops->read)
			read_counts(ops, set->probe[i].state,
				    &set->probe[i].last,
				    sums ? &sums[i].counts : NULL);
		if (ops->read_times)
			read_times(ops, set->probe[i].state,
				   sums ? &sums[i] : NULL);
	}
}

void probe_sum_free(struct probe_sum *sum)
{
	kstat_sum_free(&sum->counts);
	free(sum->times);
	sum->times = NULL;
}
