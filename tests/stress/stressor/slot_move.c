// SPDX-License-Identifier: GPL-2.0-only
/*
 * Move a memslot to another guest physical address and back.  While it is
 * away, accesses leave the guest as MMIO and are dropped, and no write may
 * reach the slot's pages by a translation of before.
 *
 * Where it goes is no multiple of 64 pages or of a huge page, and below all
 * other memory under test.
 */
#include <errno.h>

#include "base/rng.h"
#include "base/timing.h"
#include "memslot.h"

#define MAX_AWAY_NS 1000000u
#define ODD_PAGES 511u
#define SAMPLE 64u	/* pages whose content is compared; chosen */

struct sample {
	uint32_t pages[SAMPLE];
	uint64_t sums[SAMPLE];
};

static uint64_t elsewhere(const struct world *w, uint64_t *rng)
{
	uint64_t pages = w->view.nr_pages + 1 + rng_next(rng) % ODD_PAGES;

	return w->rig->mem.gpa - pages * 4096;
}

static int move_probe(const struct world *w, struct reason *why)
{
	uint64_t end = RIG_AUX_GPA + w->rig->aux_bytes;

	if (w->rig->mem.gpa < end + (w->view.nr_pages + ODD_PAGES + 1) * 4096ull)
		return reason_skip(why, -EOPNOTSUPP, "there is no room to move a memslot to; use another --gpa");
	return memslot_probe(w, why);
}

static void look(const struct world *w, const struct memslot_part *p,
		 struct sample *s, uint64_t *rng)
{
	unsigned int i;

	for (i = 0; i < SAMPLE; i++) {
		s->pages[i] = p->first + rng_next(rng) % p->nr;
		s->sums[i] = world_sum_page(w, s->pages[i]);
	}
	if (world_plants(w, "slot"))
		s->sums[0] ^= 1;
}

static void look_again(struct world *w, const struct sample *s)
{
	unsigned int i;

	for (i = 0; i < SAMPLE; i++) {
		if (world_sum_page(w, s->pages[i]) == s->sums[i] ||
		    world_is_lazy(w, s->pages[i]))
			continue;
		world_alarm(w, "slot", s->pages[i],
			    "page %u changed while no memslot held it: a write passed by a translation of before",
			    s->pages[i]);
		return;
	}
}

static int away_and_back(struct world *w, const struct memslot_part *p,
			 uint64_t *rng, struct reason *why)
{
	struct gpages home = rig_slot_pages(w->rig, p->slot);
	int err = rig_move_slot(w->rig, p->slot, elsewhere(w, rng), why);
	struct sample s;

	if (err)
		return err;
	look(w, p, &s, rng);
	timing_sleep_ns(rng_next(rng) % MAX_AWAY_NS);
	look_again(w, &s);
	return rig_move_slot(w->rig, p->slot, home.gpa, why);
}

static int move_step(struct world *w, void *priv, uint64_t *rng,
		     struct reason *why)
{
	uint64_t begin = timing_now_ns();
	struct memslot_part p;
	int err = 0;

	pthread_mutex_lock(&w->slots_lock);
	if (memslot_claim(w, rng, &p)) {
		err = away_and_back(w, &p, rng, why);
		world_forget_log(w, p.first, p.nr);
		world_release(w, p.first, p.nr, WORLD_KEPT, WORLD_FREE);
		world_did(w, "slot_move", "moved away and back the slot of",
			  p.first, p.nr, begin);
	}
	pthread_mutex_unlock(&w->slots_lock);
	return err;
}

const struct stressor_ops stressor_slot_move = {
	.name = "slot_move",
	.summary = "move a memslot away and back",
	.weight = 3,
	.probe = move_probe,
	.step = move_step,
};
