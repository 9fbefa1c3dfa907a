// SPDX-License-Identifier: GPL-2.0-only
/*
 * Have KVM execute from small pages only, and join them again: the mitigation of
 * an erratum splits a huge page where code runs, and a thread of KVM takes such
 * pages away again, as often as two parameters say.  Execute rights must come
 * back each time, and no content may change.
 */
#include <errno.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing.h"
#include "host/host.h"
#include "setting.h"

#define PARAM "/sys/module/kvm/parameters/nx_huge_pages"
#define RATIO PARAM "_recovery_ratio"
#define PERIOD PARAM "_recovery_period_ms"

static int nx_probe(const struct world *w, struct reason *why)
{
	char value[64];
	int err = setting_probe(PARAM, why);

	if (!err && host_read(PARAM, value, sizeof(value)) > 0 &&
	    !strcmp(value, "never"))
		return reason_skip(why, -EOPNOTSUPP, "KVM was loaded with nx_huge_pages=never");
	if (!err)
		err = setting_probe(RATIO, why);
	return err ? err : setting_probe(PERIOD, why);
}

static int nx_open(struct world *w, void *priv, struct reason *why)
{
	int err = setting_take(PARAM, why);

	if (!err)
		err = setting_take(RATIO, why);
	return err ? err : setting_take(PERIOD, why);
}

static int nx_step(struct world *w, void *priv, uint64_t *rng,
		   struct reason *why)
{
	static const struct {
		const char *path, *value, *what;
	} steps[] = {
		{ PARAM, "force", "split where code runs, in" },
		{ PARAM, "force", "split where code runs, in" },
		{ PARAM, "off", "allow huge pages of code, in" },
		{ RATIO, "1", "recover all at once, in" },
		{ RATIO, "1", "recover all at once, in" },
		{ RATIO, "7", "recover a part at once, in" },
		{ PERIOD, "5", "recover often, in" },
		{ PERIOD, "50", "recover at times, in" },
	};
	unsigned int i = rng_next(rng) % (sizeof(steps) / sizeof(*steps));
	uint64_t begin = timing_now_ns();
	int err = host_write_pushed(steps[i].path, steps[i].value, why);

	world_did(w, "nx", steps[i].what, 0, w->view.nr_pages, begin);
	return err;
}

const struct stressor_ops stressor_nx = {
	.name = "nx",
	.summary = "split huge pages where code runs, and recover them",
	.weight = 3,
	.probe = nx_probe,
	.open = nx_open,
	.step = nx_step,
};
