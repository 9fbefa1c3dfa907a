// SPDX-License-Identifier: GPL-2.0-only
/* Text reports of stored runs, see report.h. */
#include <errno.h>

#include "sink/report.h"
#include "sink/sink.h"

int report_run(const char *path, const char *format, FILE *out,
	       struct reason *why)
{
	const struct sink_ops *ops = sink_find(format, why);
	struct recset set;
	int ret;

	if (!ops)
		return -EINVAL;
	ret = recset_load(&set, path, why);
	if (ret)
		return ret;
	ret = sink_write(ops, &set, out, why);
	recset_free(&set);
	return ret;
}
