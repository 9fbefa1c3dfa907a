// SPDX-License-Identifier: GPL-2.0-only
/*
 * Give pages back to the host kernel, as a balloon does: the next access must
 * find zeroes, through no translation of before.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "base/timing.h"
#include "mapping.h"

/* Shared memory lives in its file: by the mapping, or by the file itself. */
static int give_back(struct world *w, const struct world_span *s, bool by_file)
{
	struct reason no;

	if (by_file && w->rig->mem_fd >= 0)
		return fallocate(w->rig->mem_fd, FALLOC_FL_PUNCH_HOLE |
				 FALLOC_FL_KEEP_SIZE, s->first * 4096ull,
				 s->nr * 4096ull);
	return madvise(world_hva(w, s->first), s->nr * 4096ull,
		       mapping_is_shared(w, &no) ? MADV_DONTNEED : MADV_REMOVE);
}

static int discard_step(struct world *w, void *priv, uint64_t *rng,
			struct reason *why)
{
	struct world_span s = world_pick(w->view.first_steady, 600, rng);
	uint64_t begin = timing_now_ns();
	int err = 0;

	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	if (give_back(w, &s, rng_next(rng) & 1))
		err = reason_set(why, -errno, "pages cannot be given back: %s",
				 strerror(errno));
	world_release(w, s.first, s.nr, err ? WORLD_KEPT : WORLD_ZEROED, WORLD_FREE);
	world_did(w, "discard", "gave back", s.first, s.nr, begin);
	return err;
}

static int not_hugetlb(const struct world *w, struct reason *why)
{
	if (w->b->p.backing != BACKING_HUGETLB_2M &&
	    w->b->p.backing != BACKING_HUGETLB_1G)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "pages of hugetlb are not given back one by one");
}

const struct stressor_ops stressor_discard = {
	.name = "discard",
	.summary = "give pages back to the host kernel",
	.weight = 20,
	.probe = not_hugetlb,
	.step = discard_step,
};
