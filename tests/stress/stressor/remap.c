// SPDX-License-Identifier: GPL-2.0-only
/*
 * Put other pages under the guest in one call: memory that was filled
 * elsewhere is moved over the old, and guests must see nothing but the new.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/timing.h"
#include "mapping.h"

static int replace(struct world *w, const struct world_span *s,
		   struct reason *why)
{
	size_t bytes = s->nr * 4096ull;
	char *fresh = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t i;

	if (fresh == MAP_FAILED)
		return reason_set(why, -errno, "no memory to remap with: %s",
				  strerror(errno));
	mapping_advise(w, fresh, bytes);
	for (i = 0; i < s->nr; i++)
		world_stamp(w, s->first + i,
			    world_epoch(w, s->first + i) + 1,
			    fresh + i * 4096ull);
	if (mremap(fresh, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
		   world_hva(w, s->first)) == MAP_FAILED)
		return reason_set(why, -errno, "mremap() failed: %s",
				  strerror(errno));
	return 0;
}

static int remap_step(struct world *w, void *priv, uint64_t *rng,
		      struct reason *why)
{
	struct world_span s = world_pick(w->view.first_steady, 600, rng);
	uint64_t begin = timing_now_ns();
	int err;

	s.nr = world_claim(w, s.first, s.nr);
	if (!s.nr)
		return 0;
	err = replace(w, &s, why);
	world_release(w, s.first, s.nr, err ? WORLD_KEPT : WORLD_STAMPED, WORLD_FREE);
	world_did(w, "remap", "replaced", s.first, s.nr, begin);
	return err;
}

const struct stressor_ops stressor_remap = {
	.name = "remap",
	.summary = "move other pages under the guest in one call",
	.weight = 15,
	.probe = mapping_is_private,
	.step = remap_step,
};
