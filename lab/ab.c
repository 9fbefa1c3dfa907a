// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What does a change of the kernel do to the MMU's figures?
 *
 * Boots both kernels on the same emulated hosts, runs the same cases, and has
 * the driver compare the two sides metric by metric.  By default all hosts
 * count instructions, so one run a side decides and counts are exact.  With
 * --repeats the order is base head head base base head ..., so that a slow
 * drift of the machine outside falls on both sides alike.  It cannot tell how
 * many seconds a change costs on real hardware.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ab.h"

enum { BASE, HEAD };

static const struct ab_opt {
	const char *name, *arg, *help;
	int side;		/* BASE, HEAD, or -1: --repeats */
	size_t off;
} table[] = {
#define SIDE(n, a, s, f, h) { n, a, h, s, offsetof(struct ab_side, f) }
	SIDE("--base", "KSRC", BASE, ksrc, "kernel source of the first side"),
	SIDE("--base-bzimage", "FILE", BASE, bzimage, "or its built kernel"),
	SIDE("--base-modules", "DIR", BASE, modules, "and its modules"),
	SIDE("--base-append", "WORDS", BASE, append,
	     "kernel command line words for the first side only"),
	SIDE("--head", "KSRC", HEAD, ksrc, "the same for the second side;"),
	SIDE("--head-bzimage", "FILE", HEAD, bzimage,
	     "without these two: the first side's kernel"),
	SIDE("--head-modules", "DIR", HEAD, modules, ""),
	SIDE("--head-append", "WORDS", HEAD, append,
	     "e.g. kvm.eager_page_split=0"),
	{ "--repeats", "N", "runs a side, in real time (default: 1, counted)",
	  -1, 0 },
};

void ab_usage(FILE *f)
{
	fputs("ab's own options:\n", f);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", table[i].name,
			 table[i].arg);
		fprintf(f, "  %-26s %s\n", left, table[i].help);
	}
}

static int set_repeats(struct ab_opts *ab, const char *val)
{
	char *end;
	long n = strtol(val, &end, 10);

	if (*end || end == val || n < 1 || n > 99) {
		lab_say("--repeats '%s': not a number from 1 to 99", val);
		return -1;
	}
	ab->repeats = n;
	return 1;
}

int ab_option(struct ab_opts *ab, char **argv, size_t *i)
{
	size_t n = strcspn(argv[*i], "=");
	const struct ab_opt *opt = NULL;
	const char *val;

	for (size_t k = 0; k < sizeof(table) / sizeof(table[0]); k++)
		if (strlen(table[k].name) == n &&
		    !strncmp(table[k].name, argv[*i], n))
			opt = &table[k];
	if (!opt)
		return 0;
	val = argv[*i][n] ? argv[*i] + n + 1 : argv[++*i];
	if (!val || !*val) {
		lab_say("%s needs a value: %s", opt->name, opt->arg);
		return -1;
	}
	if (opt->side < 0)
		return set_repeats(ab, val);
	*(const char **)(void *)((char *)&ab->side[opt->side] + opt->off) = val;
	return 1;
}

/* The options of one side: the common ones with its kernel put in. */
static void side_opts(const struct lab_opts *o, const struct ab_opts *ab,
		      int which, struct lab_opts *out, char *append,
		      size_t size)
{
	const struct ab_side *own = &ab->side[which], *kernel = own;

	/* A head that names no kernel of its own has the base's. */
	if (which == HEAD && !own->ksrc && !own->bzimage)
		kernel = &ab->side[BASE];
	*out = *o;
	if (kernel->ksrc)
		out->ksrc = kernel->ksrc;
	if (kernel->bzimage)
		out->bzimage = kernel->bzimage;
	if (kernel->modules)
		out->modules = kernel->modules;
	if (own->modules)
		out->modules = own->modules;
	if (own->append) {
		snprintf(append, size, "%s%s%s", o->append ? o->append : "",
			 o->append ? " " : "", own->append);
		out->append = append;
	}
	if (!ab->repeats)
		out->deterministic = 1;
}

static enum verdict all_runs(const struct host *list, int nr,
			     const struct lab_opts *o, const struct image *img,
			     const struct ab_opts *ab, const char *top)
{
	static const char *const names[] = { "base", "head" };
	unsigned int runs = ab->repeats ? ab->repeats : 1;
	enum verdict v = PASS;
	char dir[800];

	for (unsigned int i = 0; i < 2 * runs && !lab_stop; i++) {
		/* base head, head base, base head, ... */
		int which = (i / 2 + i) % 2;

		if (ab->repeats)
			snprintf(dir, sizeof(dir), "%s/%s/r%02u", top,
				 names[which], i / 2 + 1);
		else
			snprintf(dir, sizeof(dir), "%s/%s", top, names[which]);
		lab_say("%s: Linux %s %s", names[which], img[which].release,
			o[which].append ? o[which].append : "");
		v = verdict_worse(v, run_hosts(list, nr, &o[which],
					       &img[which], dir));
	}
	return v;
}

enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *ab)
{
	char append[2][1024], top[600], base[700], head[700];
	struct lab_opts side[2];
	struct image img[2];
	enum verdict v, diff;

	if (o->command) {
		lab_say("ab compares the driver's results, so it takes run's words and no command");
		return USAGE;
	}
	if (!ab->side[HEAD].ksrc && !ab->side[HEAD].bzimage &&
	    !ab->side[HEAD].append) {
		lab_say("ab needs a second side: --head KSRC, --head-bzimage FILE or --head-append WORDS");
		return USAGE;
	}
	for (int i = BASE; i <= HEAD; i++) {
		side_opts(o, ab, i, &side[i], append[i], sizeof(append[i]));
		v = image_get(&side[i], &img[i]);
		if (v != PASS)
			return v;
	}
	if (report_run_dir(o, &img[HEAD], "ab", top, sizeof(top)))
		return FAIL;
	v = all_runs(list, nr, side, img, ab, top);
	if (lab_stop)
		return FAIL;
	snprintf(base, sizeof(base), "%s/base", top);
	snprintf(head, sizeof(head), "%s/head", top);
	diff = report_compare(o, base, head);
	fprintf(stderr, "results: %s\n", top);
	/* A case that cannot run on a host is the same on both sides. */
	return v == CANNOT ? diff : verdict_worse(v, diff);
}
