// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drop the mapping of shared pages and have each looked at before it is mapped
 * again, by minor faults of userfaultfd: the content stays.
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

static int minor_probe(const struct world *w, struct reason *why)
{
	int err = mapping_is_shared(w, why);

	return err ? err : faults_probe(UFFD_FEATURE_MINOR_SHMEM, why);
}

/* Whoever waits for a page that is mapped already, or gone, looks again. */
static void go_on(struct faults *f, uint32_t page)
{
	struct uffdio_range range = {
		.start = (uintptr_t)world_hva(f->w, page), .len = 4096,
	};
	struct uffdio_continue cont = { .range = range };

	if (ioctl(f->fd, UFFDIO_CONTINUE, &cont))
		ioctl(f->fd, UFFDIO_WAKE, &range);
}

static int minor_open(struct world *w, void *priv, struct reason *why)
{
	return faults_open(priv, w, UFFD_FEATURE_MINOR_SHMEM, go_on, why);
}

static void minor_close(struct world *w, void *priv)
{
	faults_close(priv);
}

static int minor_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	struct world_span s = world_pick(w->view.first_steady, MAX_PAGES, rng);
	uint64_t begin = timing_now_ns();
	struct faults *f = priv;
	int err;

	/* Nobody else may register or replace them. */
	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	err = faults_watch(f, &s, UFFDIO_REGISTER_MODE_MINOR, why);
	if (!err && madvise(world_hva(w, s.first), s.nr * 4096ull,
			    MADV_DONTNEED))
		err = reason_set(why, -errno, "madvise(DONTNEED) failed: %s",
				 strerror(errno));
	world_release(w, s.first, s.nr, WORLD_KEPT, err ? WORLD_FREE : WORLD_HOLD);
	if (err)
		return err;
	timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
	err = faults_unwatch(f, &s, why);
	world_reclaim(w, s.first, s.nr);
	world_release(w, s.first, s.nr, WORLD_KEPT, WORLD_FREE);
	world_did(w, "uffd_minor", "mapped late", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_uffd_minor = {
	.name = "uffd_minor",
	.summary = "drop shared pages' mapping, let it come back by userfaultfd",
	.weight = 6,
	.priv_bytes = sizeof(struct faults),
	.probe = minor_probe,
	.open = minor_open,
	.step = minor_step,
	.close = minor_close,
};
