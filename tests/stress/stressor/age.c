// SPDX-License-Identifier: GPL-2.0-only
/*
 * Age the guest's pages: neither content nor rights may change by it, and no
 * write may be lost to a log because a page was aged.
 */
#include <errno.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "age_judge.h"

#define QUIET_EVERY 4u	/* a judgement takes longer than a slice; chosen */

struct age_priv {
	struct aging aging;
	unsigned int nr_quiet;
};

static int age_probe(const struct world *w, struct reason *why)
{
	const struct aging_ops *ops = aging_choose("auto", AGING_PER_PAGE, why);

	if (!ops || ops->caps & AGING_NEEDS_CG)
		return reason_skip(why, -EOPNOTSUPP, AGING_NONE_REASON);
	return 0;
}

static int age_open(struct world *w, void *priv, struct reason *why)
{
	struct age_priv *p = priv;

	return aging_open(&p->aging, aging_choose("auto", AGING_PER_PAGE, why),
			  why);
}

static void age_close(struct world *w, void *priv)
{
	struct age_priv *p = priv;

	if (p->aging.ops)
		aging_close(&p->aging);
}

static int age_step(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why)
{
	struct age_priv *p = priv;
	struct aging_result res = { 0 };
	uint64_t begin = timing_now_ns();
	int err = aging_pass(&p->aging, &w->rig->mem, &res, why);

	if (!err && rng_next(rng) % 4 == 0) {
		pthread_mutex_lock(&w->slots_lock);
		err = rig_flush_tlbs(w->rig, why);
		pthread_mutex_unlock(&w->slots_lock);
	}
	world_did(w, "age", "aged", 0, w->view.nr_pages, begin);
	return err;
}

/* Guests that edit their tables do other work, and keep no log of it. */
static int age_quiet(struct world *w, void *priv, struct reason *why)
{
	struct age_priv *p = priv;

	if (w->tables || w->nr_alarms || p->nr_quiet++ % QUIET_EVERY)
		return 0;
	return age_judge(w, &p->aging, why);
}

const struct stressor_ops stressor_age = {
	.name = "age",
	.summary = "age all pages, at times with a flush of all TLBs",
	.weight = 12,
	.priv_bytes = sizeof(struct age_priv),
	.probe = age_probe,
	.open = age_open,
	.step = age_step,
	.quiet = age_quiet,
	.close = age_close,
};
