// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migrate, without a destination: a mirror of the memory that is fed by the
 * dirty log alone must equal the memory once all stands still.
 *
 * Logging is switched on and off; each harvest copies what it reports, after
 * the pages are watched again.  What the host itself replaced is no business
 * of the log and is copied, too.  A page that is being changed while it is
 * copied is copied again next time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

#define BITS (8 * sizeof(unsigned long))

struct log_priv {
	char *mirror;
	unsigned long *dirty;
	uint64_t harvests, pages;
	const char *last;	/* what the log did last, for an alarm */
};

static int log_probe(const struct world *w, struct reason *why)
{
	if (w->has_log)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "this case logs nothing");
}

static int log_open(struct world *w, void *priv, struct reason *why)
{
	struct log_priv *p = priv;

	p->mirror = malloc(w->view.nr_pages * 4096ull);
	p->dirty = calloc(dirty_bitmap_longs(w->view.nr_pages),
			  sizeof(*p->dirty));
	if (p->mirror && p->dirty)
		return 0;
	return reason_set(why, -ENOMEM, "no memory for a mirror");
}

static void log_close(struct world *w, void *priv)
{
	struct log_priv *p = priv;

	free(p->mirror);
	free(p->dirty);
}

/* Copy a page; it stays dirty if it was changed meanwhile. */
static void copy_page(struct world *w, struct log_priv *p, uint32_t page)
{
	uint64_t before = w->view.states[page];
	bool whole = world_read_page(w, page, p->mirror + page * 4096ull);

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!whole || before & STRESS_CHANGING ||
	    w->view.states[page] != before)
		world_forget_log(w, page, 1);
	p->pages++;
}

static void copy_dirty(struct world *w, struct log_priv *p)
{
	size_t i, nr = dirty_bitmap_longs(w->view.nr_pages);

	for (i = 0; i < nr; i++) {
		unsigned long bits = p->dirty[i] |
			__atomic_exchange_n(&w->host_dirty[i], 0,
					    __ATOMIC_SEQ_CST);

		for (; bits; bits &= bits - 1)
			copy_page(w, p, i * BITS + __builtin_ctzl(bits));
	}
}

/* Bits outside of [s->first, s->first + s->nr) are not dealt with now. */
static void keep_only(const struct world *w, struct log_priv *p,
		      const struct world_span *s)
{
	uint32_t page;

	for (page = 0; page < w->view.nr_pages; page++)
		if (page < s->first || page >= s->first + s->nr)
			p->dirty[page / BITS] &= ~(1ul << page % BITS);
}

/*
 * Read the log, watch what it reports again, copy that.  @part: only these pages
 * are watched again, the others will be reported again; where reading does
 * both, NULL.
 */
static int harvest(struct world *w, struct log_priv *p,
		   const struct world_span *part, struct reason *why)
{
	struct dirty_batch batch = { .bitmap = p->dirty };
	int err;

	memset(p->dirty, 0, dirty_bitmap_longs(w->view.nr_pages) *
	       sizeof(*p->dirty));
	pthread_mutex_lock(&w->slots_lock);
	err = dirty_collect(&w->log, &batch, why);
	if (part)
		keep_only(w, p, part);
	if (!err)
		err = dirty_rearm(&w->log, &batch, why);
	pthread_mutex_unlock(&w->slots_lock);
	if (err)
		return err;
	copy_dirty(w, p);
	p->harvests++;
	return 0;
}

/* All that is dirty, or a part; in one call for each slot, or in several. */
static int harvest_some(struct world *w, struct log_priv *p, uint64_t *rng,
			struct reason *why)
{
	static const uint32_t chunks[] = { 0, 64, 192, 512, 1024 };
	struct world_span part;
	uint64_t dice = rng_next(rng);

	w->log.chunk_pages = chunks[dice % 5];
	if (!(w->log.ops->caps & DIRTY_REARMS_PARTS) || dice >> 8 & 1)
		return harvest(w, p, NULL, why);
	part = world_pick(w->view.nr_pages, 2048, rng);
	return harvest(w, p, &part, why);
}

/* Pages written before the log began are in nobody's log. */
static int begin_log(struct world *w, struct log_priv *p, struct reason *why)
{
	int err;

	pthread_mutex_lock(&w->slots_lock);
	err = dirty_start(&w->log, why);
	pthread_mutex_unlock(&w->slots_lock);
	if (err)
		return err;
	if (w->log.flags & DIRTY_START_ALL_SET)
		return 0;
	memset(p->dirty, 0xff, w->view.nr_pages / BITS * sizeof(*p->dirty));
	if (w->view.nr_pages % BITS)
		p->dirty[w->view.nr_pages / BITS] =
			(1ul << w->view.nr_pages % BITS) - 1;
	copy_dirty(w, p);
	return 0;
}

static int end_log(struct world *w, struct reason *why)
{
	int err;

	pthread_mutex_lock(&w->slots_lock);
	err = dirty_stop(&w->log, why);
	pthread_mutex_unlock(&w->slots_lock);
	return err;
}

static int log_step(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why)
{
	struct log_priv *p = priv;
	uint64_t begin = timing_now_ns();
	int err;

	if (!w->log.started) {
		err = begin_log(w, p, why);
		p->last = "began to log";
	} else if (rng_next(rng) % 8) {
		err = harvest_some(w, p, rng, why);
		p->last = "harvested";
	} else {
		err = end_log(w, why);
		p->last = "ended the log of";
	}
	world_did(w, "log", p->last, 0, w->view.nr_pages, begin);
	return err;
}

/* The first unit of @page that differs, or -1. */
static int differs(const struct world *w, const struct log_priv *p,
		   uint32_t page)
{
	const char *mirror = p->mirror + page * 4096ull;
	uint32_t unit;

	if (!memcmp(mirror, world_hva(w, page), 4096))
		return -1;
	for (unit = 0; unit < 4096 / STRESS_UNIT_BYTES; unit++)
		if (memcmp(mirror + unit * STRESS_UNIT_BYTES,
			   world_hva(w, page) + unit * STRESS_UNIT_BYTES,
			   STRESS_UNIT_BYTES))
			break;
	return unit;
}

static int log_quiet(struct world *w, void *priv, struct reason *why)
{
	struct log_priv *p = priv;
	uint32_t page, wrong = 0;
	int err, unit;

	if (!w->log.started)
		return 0;
	for (page = 0; page < w->view.nr_pages; page++)
		if (world_is_lazy(w, page))
			world_forget_log(w, page, 1);
	err = harvest(w, p, NULL, why);
	if (err)
		return err;
	if (world_plants(w, "log"))
		p->mirror[0] ^= 1;
	for (page = 0; page < w->view.nr_pages; page++) {
		unit = differs(w, p, page);
		if (unit < 0 || wrong++ >= 2)
			continue;
		world_alarm(w, "log", page,
			    "page %u, unit of vCPU %d: the mirror that '%s' feeds holds 0x%016" PRIx64 ", memory 0x%016" PRIx64 ": a write was not reported in %" PRIu64 " harvests",
			    page, unit, w->log.ops->name,
			    *(uint64_t *)(p->mirror + page * 4096ull + unit * STRESS_UNIT_BYTES),
			    *(uint64_t *)(world_hva(w, page) + unit * STRESS_UNIT_BYTES),
			    p->harvests);
	}
	return 0;
}

const struct stressor_ops stressor_log = {
	.name = "log",
	.summary = "log dirty pages on and off, feed a mirror from the log",
	.weight = 20,
	.priv_bytes = sizeof(struct log_priv),
	.probe = log_probe,
	.open = log_open,
	.step = log_step,
	.quiet = log_quiet,
	.close = log_close,
};
