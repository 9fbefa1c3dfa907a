// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages were used since the last look?  Registry of the aging backends
 * and the wrappers that call them.
 *
 * The wrappers time a pass and check that young, old and unknown add up to
 * the pages asked for; a backend is only reached through them.
 *
 * What this cannot tell: whether a page called old was used after all (a
 * stale TLB entry hides accesses).  That needs an oracle, which the scenarios
 * have.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "internal.h"

const struct aging_ops *const aging_members[] = {
	AGING_MEMBERS(REGISTRY_ENTRY) NULL
};

REGISTRY_CHECK_HEAD(struct aging_ops);

const struct aging_ops *aging_find(const char *name, struct reason *why)
{
	return registry_find(aging_members, "aging backend", name, why);
}

static const struct aging_ops *choose_auto(unsigned int need_caps,
					   struct reason *why)
{
	unsigned int i;

	need_caps |= AGING_REAL;
	for (i = 0; aging_members[i]; i++) {
		const struct aging_ops *ops = aging_members[i];

		if ((ops->caps & need_caps) == need_caps && !ops->probe(NULL))
			return ops;
	}
	reason_skip(why, -EOPNOTSUPP, AGING_NONE_REASON);
	return NULL;
}

const struct aging_ops *aging_choose(const char *name, unsigned int need_caps,
				     struct reason *why)
{
	const struct aging_ops *ops;

	if (!strcmp(name, "auto"))
		return choose_auto(need_caps, why);
	ops = aging_find(name, why);
	if (!ops || (ops->caps & need_caps) == need_caps)
		return ops;
	reason_skip(why, -EOPNOTSUPP,
		    "aging backend '%s' cannot tell this (%s)", name,
		    ops->summary);
	return NULL;
}

int aging_open(struct aging *a, const struct aging_ops *ops,
	       struct reason *why)
{
	int err;

	memset(a, 0, sizeof(*a));
	err = ops->probe(why);
	if (err)
		return err;
	if (ops->priv_bytes) {
		a->priv = calloc(1, ops->priv_bytes);
		if (!a->priv)
			return reason_set(why, -ENOMEM,
					  "out of memory for aging backend '%s'",
					  ops->name);
	}
	a->ops = ops;
	err = ops->open ? ops->open(a, why) : 0;
	if (err)
		aging_close(a);
	return err;
}

int aging_reopen(struct aging *a, struct reason *why)
{
	const struct aging_ops *ops = a->ops;

	aging_close(a);
	return aging_open(a, ops, why);
}

int aging_pass(struct aging *a, const struct gpages *span,
	       struct aging_result *res, struct reason *why)
{
	uint64_t start_ns, sum;
	int err;

	res->young_pages = res->old_pages = res->unknown_pages = 0;
	start_ns = timing_now_ns();
	err = a->ops->pass(a, span, res, why);
	res->elapsed_ns = timing_now_ns() - start_ns;
	if (err)
		return err;
	sum = res->young_pages + res->old_pages + res->unknown_pages;
	if (sum != span->nr_pages)
		return reason_set(why, -EPROTO,
				  "aging backend '%s' classified %llu of %llu pages; this is a bug in it",
				  a->ops->name, (unsigned long long)sum,
				  (unsigned long long)span->nr_pages);
	return 0;
}

void aging_close(struct aging *a)
{
	if (a->ops && a->ops->close)
		a->ops->close(a);
	free(a->priv);
	memset(a, 0, sizeof(*a));
}
