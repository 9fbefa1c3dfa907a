/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stressors: what the host does to memory while guests check themselves.
 *
 * A step does one thing, chosen by the random numbers it is given, and leaves
 * no page claimed.  Members are listed in internal.h, see base/registry.h.
 */
#ifndef MMUBENCH_STRESSOR_H
#define MMUBENCH_STRESSOR_H

#include "../world/world.h"

struct stressor_ops {
	const char *name;
	const char *summary;
	unsigned int weight;	/* share of the steps in the default mix */
	size_t priv_bytes;	/* zeroed private state */
	/* Optional. Can it work here?  0, or a skip with @why; changes nothing. */
	int (*probe)(const struct world *w, struct reason *why);
	/* Optional, after probe(). Guests and agents do not run. */
	int (*open)(struct world *w, void *priv, struct reason *why);
	/*
	 * Required. One step; *rng is advanced.  One thread at a time per agent,
	 * other agents run beside it.  0, or -errno with @why: the run fails.
	 */
	int (*step)(struct world *w, void *priv, uint64_t *rng,
		    struct reason *why);
	/* Optional. Neither guests nor agents run: judge what it knows. */
	int (*quiet)(struct world *w, void *priv, struct reason *why);
	/* Optional. Undo what open() did; also after a failure. */
	void (*close)(struct world *w, void *priv);
};

extern const struct stressor_ops *const stressor_members[];

const struct stressor_ops *stressor_find(const char *name, struct reason *why);

#endif
