// SPDX-License-Identifier: GPL-2.0-only
/* What has the replacement MMU counted?  Its module parameter is read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/host.h"
#include "internal.h"

#define ENGINE_STATS "/sys/module/kvm/parameters/mmu_stats"

static int engine_open(void **state, const struct probe_wish *wish,
		       struct reason *why)
{
	return host_exists(ENGINE_STATS) ? 0 : -ENOENT;
}

/* One "name value" per line. */
static int engine_read(void *state, struct kstat_sum *now)
{
	char text[4096], name[64], *line, *rest = text;
	long long value;
	int len = host_read(ENGINE_STATS, text, sizeof(text));

	if (len < 0)
		return len;
	if (len + 1 >= (int)sizeof(text))
		return -E2BIG;	/* it may go on */
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%63s %lld", name, &value) == 2)
			kstat_sum_count(now, name, value);
	}
	return 0;
}

static void engine_close(void *state)
{
}

const struct probe_ops probe_engine = {
	.name = "engine",
	.summary = "counters of the replacement MMU, where it is loaded",
	.open = engine_open,
	.read = engine_read,
	.close = engine_close,
};
