// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take pages away and deliver them late, by missing faults of userfaultfd.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/userfaultfd.h>

#include "base/rng.h"
#include "base/timing.h"
#include "faults.h"
#include "mapping.h"

#define MAX_HOLD_NS 2000000u
#define MAX_PAGES 64u

struct uffd_priv {
	struct faults faults;	/* the first member, see deliver() */
	/* A page is delivered by its state, so not while that is changed. */
	pthread_mutex_t lock;
	char page[4096] __attribute__((aligned(64)));
};

static int uffd_probe(const struct world *w, struct reason *why)
{
	int err = mapping_is_private(w, why);

	return err ? err : faults_probe(0, why);
}

/* The pages are held, so their stamps are those of now. */
static void deliver(struct faults *f, uint32_t page)
{
	struct uffd_priv *p = (struct uffd_priv *)f;
	struct uffdio_copy copy = {
		.dst = (uintptr_t)world_hva(f->w, page), .len = 4096,
		.src = (uintptr_t)p->page,
	};

	pthread_mutex_lock(&p->lock);
	world_stamp(f->w, page, world_epoch(f->w, page), p->page);
	/* EEXIST: it was delivered already; ENOENT: it is not awaited any more. */
	ioctl(f->fd, UFFDIO_COPY, &copy);
	pthread_mutex_unlock(&p->lock);
}

static int uffd_open(struct world *w, void *priv, struct reason *why)
{
	struct uffd_priv *p = priv;

	pthread_mutex_init(&p->lock, NULL);
	return faults_open(&p->faults, w, 0, deliver, why);
}

static void uffd_close(struct world *w, void *priv)
{
	struct uffd_priv *p = priv;

	faults_close(&p->faults);
}

/* From now on the pages are missing, and come with the stamp of their epoch. */
static int take_away(struct uffd_priv *p, struct world_span *s,
		     struct reason *why)
{
	struct world *w = p->faults.w;
	int err;

	s->nr = world_claim(w, s->first, s->nr);
	if (!s->nr)
		return 0;
	err = faults_watch(&p->faults, s, UFFDIO_REGISTER_MODE_MISSING, why);
	if (!err && madvise(world_hva(w, s->first), s->nr * 4096ull,
			    MADV_DONTNEED))
		err = reason_set(why, -errno, "madvise(DONTNEED) failed: %s",
				 strerror(errno));
	world_release(w, s->first, s->nr, err ? WORLD_KEPT : WORLD_STAMPED,
		      err ? WORLD_FREE : WORLD_HOLD);
	return err;
}

static int let_go(struct uffd_priv *p, const struct world_span *s,
		  struct reason *why)
{
	int err = faults_unwatch(&p->faults, s, why);

	world_reclaim(p->faults.w, s->first, s->nr);
	world_release(p->faults.w, s->first, s->nr, WORLD_KEPT, WORLD_FREE);
	return err;
}

static int uffd_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	struct uffd_priv *p = priv;
	struct world_span s = world_pick(w->view.first_steady, MAX_PAGES, rng);
	uint64_t begin = timing_now_ns();
	uint32_t i;
	int err;

	pthread_mutex_lock(&p->lock);
	err = take_away(p, &s, why);
	pthread_mutex_unlock(&p->lock);
	if (err || !s.nr)
		return err;
	timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
	/* A page that nobody asked for would come as zeroes later. */
	for (i = 0; i < s.nr; i++)
		(void)*(volatile char *)world_hva(w, s.first + i);
	pthread_mutex_lock(&p->lock);
	err = let_go(p, &s, why);
	pthread_mutex_unlock(&p->lock);
	world_did(w, "uffd", "delivered late", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_uffd = {
	.name = "uffd",
	.summary = "take pages away, deliver them late by userfaultfd",
	.weight = 6,
	.priv_bytes = sizeof(struct uffd_priv),
	.probe = uffd_probe,
	.open = uffd_open,
	.step = uffd_step,
	.close = uffd_close,
};
