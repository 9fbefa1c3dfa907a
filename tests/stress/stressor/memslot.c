// SPDX-License-Identifier: GPL-2.0-only
/* What stressors share that delete memslots and make them. */
#include <errno.h>

#include "base/rng.h"
#include "memslot.h"

int memslot_probe(const struct world *w, struct reason *why)
{
	if (w->rig->cfg.nr_slots > 1)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "it needs a slot without steady pages; use --slots 3 or more");
}

bool memslot_claim(struct world *w, uint64_t *rng, struct memslot_part *p)
{
	struct gpages g;

	p->slot = rng_next(rng) % w->rig->cfg.nr_slots;
	g = rig_slot_pages(w->rig, p->slot);
	p->first = (g.gpa - w->rig->mem.gpa) / 4096;
	p->nr = g.nr_pages;
	return p->first + p->nr <= w->view.first_steady &&
	       world_claim_all(w, p->first, p->nr);
}
