// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the harness itself cost when it ages?
 *
 * Method: look at nothing and say so, at once and without privileges.
 */
#include <string.h>

#include "internal.h"

static int null_probe(struct reason *why)
{
	(void)why;
	return 0;
}

static int null_pass(struct aging *a, const struct gpages *span,
		     struct aging_result *res, struct reason *why)
{
	(void)a;
	(void)why;
	res->unknown_pages = span->nr_pages;
	if (res->class_map)
		memset(res->class_map, AGING_UNKNOWN, span->nr_pages);
	return 0;
}

const struct aging_ops aging_null = {
	.name = "null",
	.summary = "ages nothing: the harness's own cost",
	.caps = AGING_PER_PAGE,
	.probe = null_probe,
	.pass = null_pass,
};
