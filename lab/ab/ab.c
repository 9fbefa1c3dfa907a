// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * What does a change of the kernel do to the MMU's figures?
 *
 * Boots both kernels on the same emulated hosts, runs the same cases, and has
 * the driver compare the two sides metric by metric.  By default all hosts
 * count instructions, so one run a side decides, exactly, what is the same.
 * What differs may be the change or may be chance: one instruction more moves
 * a timer's tick and, where threads race, who wins.  So the cases that differ
 * run again on both sides, each time with a word on the kernel's command line
 * that nobody reads, which disturbs no more than that; the driver calls a
 * change one if the sides are further apart than such runs are.  With
 * --repeats everything runs so often, and QEMU's CPUs really race; the order
 * is base head head base base head ..., so that a slow drift of the machine
 * outside falls on both sides alike.  It cannot tell how many seconds a change
 * costs on real hardware, nor exclude that chance does what it did not do in
 * these runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/ab/ab.h"
#include "lab/run/store.h"

/* Chosen: seven values a side with the first; a boot costs more than a case. */
#define AGAIN		3
#define CASES_AGAIN	2

static const char *const side_names[] = { "base", "head" };

struct ab {
	const struct host *list;
	int nr;
	const struct ab_opts *opts;
	struct lab_opts side[2];
	struct image img[2];
	char append[2][1024];
	char top[600];
	char dirs[2][700];
	char differ[700];	/* file: which cases differ */
};

/* One host's run of one side, and what its lab_job points to. */
struct piece {
	struct lab_opts opts;
	char append[1400], dir[800], label[32];
	char **args;
};

struct pieces {
	struct piece *v;
	struct lab_job *jobs;
	int nr;
};

static int pieces_alloc(struct pieces *p, size_t max)
{
	p->nr = 0;
	p->v = calloc(max, sizeof(*p->v));
	p->jobs = calloc(max, sizeof(*p->jobs));
	if (p->v && p->jobs)
		return 0;
	lab_say("no memory for %zu runs", max);
	return -1;
}

static void pieces_free(struct pieces *p)
{
	for (int i = 0; i < p->nr; i++)
		free(p->v[i].args);
	free(p->v);
	free(p->jobs);
}

/*
 * Nobody knows a module "lab", so this changes nothing but how long a line
 * and its reading are.
 */
static void add_inert_word(char *append, size_t size, unsigned int round)
{
	size_t n = strlen(append);

	snprintf(append + n, size - n, "%slab.again=%0*u", n ? " " : "",
		 (int)(round * 7), round);
}

/* Round 0 is as it is; later ones are disturbed. */
static struct piece *add_piece(struct pieces *p, const struct ab *ab, int which,
			       const struct host *host, unsigned int round)
{
	struct lab_job *job = &p->jobs[p->nr];
	struct piece *piece = &p->v[p->nr++];

	piece->opts = ab->side[which];
	snprintf(piece->append, sizeof(piece->append), "%s",
		 ab->append[which]);
	if (round)
		add_inert_word(piece->append, sizeof(piece->append), round);
	piece->opts.append = *piece->append ? piece->append : NULL;
	snprintf(piece->label, sizeof(piece->label), "%s", side_names[which]);
	snprintf(piece->dir, sizeof(piece->dir), "%s", ab->dirs[which]);
	if (round || ab->opts->repeats) {
		snprintf(piece->label, sizeof(piece->label), "%s %u",
			 side_names[which], round + 1);
		snprintf(piece->dir, sizeof(piece->dir), "%s/r%02u",
			 ab->dirs[which], round + 1);
	}
	*job = (struct lab_job){ .host = host, .opts = &piece->opts,
				 .img = &ab->img[which], .dir = piece->dir,
				 .label = piece->label };
	return piece;
}

static enum verdict run_all(struct ab *ab)
{
	unsigned int rounds = ab->opts->repeats ? ab->opts->repeats : 1;
	struct pieces p;
	enum verdict v;

	if (pieces_alloc(&p, 2ul * rounds * ab->nr))
		return FAIL;
	for (unsigned int i = 0; i < 2 * rounds; i++)
		for (int h = 0; h < ab->nr; h++)
			/* base head, head base, base head, ... */
			add_piece(&p, ab, (i / 2 + i) % 2, &ab->list[h], i / 2);
	v = run_jobs(p.jobs, p.nr, ab->side[BASE].jobs);
	pieces_free(&p);
	return v;
}

/* ---- what differs, again ------------------------------------------------ */

/* Compare what is there; @format's text goes to the file, or the output. */
static enum verdict compare(const struct ab *ab, const char *format,
			    const char *file)
{
	char *words[MAX_LIST + 2], text[40];
	size_t n = 0;

	while (n < ab->opts->compare.nr) {
		words[n] = (char *)ab->opts->compare.v[n];
		n++;
	}
	snprintf(text, sizeof(text), "--format=%s", format);
	words[n++] = text;
	words[n] = NULL;
	if (file)
		unlink(file);
	return report_compare(&ab->side[BASE], words, ab->dirs[BASE],
			      ab->dirs[HEAD], file);
}

/*
 * The cases of @host among the lines "host case" of a file, as the driver's
 * option; their number is added to *nr.  NULL: none.
 */
static char *cases_of(const char *path, const char *host, int *nr)
{
	char line[512], *name, *only = NULL;
	size_t size;
	FILE *f, *out;
	int n = 0;

	f = fopen(path, "re");
	out = open_memstream(&only, &size);
	while (f && out && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, ' ');
		if (!name)
			continue;
		*name++ = '\0';
		if (!strcmp(line, host))
			fprintf(out, "%s%s", n++ ? "," : "--only=", name);
	}
	if (f)
		fclose(f);
	if (out)
		fclose(out);
	*nr += n;
	if (n)
		return only;
	free(only);
	return NULL;
}

/* The words of the run, then those that leave the cases in @only. */
static int only_args(struct piece *piece, char *only)
{
	static char often[32];
	char *const *args = piece->opts.run_args;
	size_t n = 0;

	snprintf(often, sizeof(often), "--repeat=%d", CASES_AGAIN);
	while (args[n])
		n++;
	piece->args = calloc(n + 3, sizeof(*piece->args));
	if (!piece->args)
		return -1;
	memcpy(piece->args, args, n * sizeof(*args));
	piece->args[n] = only;
	piece->args[n + 1] = often;
	piece->opts.run_args = piece->args;
	return 0;
}

/* Both sides of @host, each with @rounds disturbances. */
static int add_again(struct pieces *p, const struct ab *ab,
		     const struct host *host, char *only, unsigned int rounds)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < 2 * rounds; i++)
		err = only_args(add_piece(p, ab, i % 2, host, i / 2 + 1), only);
	if (err)
		lab_say("no memory for %u runs", 2 * rounds);
	return err;
}

static enum verdict run_again(struct ab *ab, unsigned int rounds)
{
	char *only[MAX_LIST] = { NULL };
	enum verdict v = PASS;
	struct pieces p;
	int nr = 0;

	if (pieces_alloc(&p, 2ul * rounds * ab->nr))
		v = FAIL;
	for (int h = 0; v == PASS && h < ab->nr; h++) {
		only[h] = cases_of(ab->differ, ab->list[h].name, &nr);
		if (only[h] &&
		    add_again(&p, ab, &ab->list[h], only[h], rounds))
			v = FAIL;
	}
	if (v == PASS && nr) {
		lab_say("%d cases differ; they run again, %u boots a side, to see what chance does",
			nr, rounds);
		v = run_jobs(p.jobs, p.nr, ab->side[BASE].jobs);
	}
	pieces_free(&p);
	for (int h = 0; h < ab->nr; h++)
		free(only[h]);
	return v;
}

/* ---- the whole ---------------------------------------------------------- */

/* With --repeats the records of a side lie one level deeper. */
static int have_records(const struct ab *ab)
{
	char deeper[800];
	int have = 1;

	for (int i = BASE; i <= HEAD; i++) {
		snprintf(deeper, sizeof(deeper), "%s/*", ab->dirs[i]);
		have = have && (store_has_records(ab->dirs[i]) ||
				store_has_records(deeper));
	}
	return have;
}

static void say_sides(const struct ab *ab)
{
	for (int i = BASE; i <= HEAD; i++)
		lab_say("%s: Linux %s, %s%s%s", side_names[i],
			ab->img[i].release, ab->img[i].kernel,
			ab->append[i][0] ? ", " : "", ab->append[i]);
	if (!strcmp(ab->img[BASE].kernel, ab->img[HEAD].kernel) &&
	    !strcmp(ab->img[BASE].initramfs, ab->img[HEAD].initramfs) &&
	    !strcmp(ab->append[BASE], ab->append[HEAD]))
		lab_say("both sides are the same kernel with the same words");
}

static enum verdict report(struct ab *ab)
{
	const char *format = ab->opts->format ? ab->opts->format : "text";
	char file[700];

	snprintf(file, sizeof(file), "%s/compare.txt", ab->top);
	compare(ab, "text", file);
	snprintf(file, sizeof(file), "%s/compare.json", ab->top);
	compare(ab, "json", file);
	return compare(ab, format, NULL);
}

static enum verdict run_and_compare(struct ab *ab)
{
	int again = ab->opts->again < 0 ? AGAIN : ab->opts->again;
	enum verdict v, diff;

	v = run_all(ab);
	if (lab_stop)
		return FAIL;
	if (!have_records(ab)) {
		lab_say("there is nothing to compare: a side has no results");
		return v == PASS ? FAIL : v;
	}
	if (!ab->opts->repeats && again) {
		snprintf(ab->differ, sizeof(ab->differ), "%s/differ.txt",
			 ab->top);
		compare(ab, "cases", ab->differ);
		v = verdict_worse(v, run_again(ab, again));
		unlink(ab->differ);
	}
	if (lab_stop)
		return FAIL;
	diff = report(ab);
	/* A case that cannot run on a host is the same on both sides. */
	return v == CANNOT ? diff : verdict_worse(v, diff);
}

enum verdict ab_run(const struct host *list, int nr, const struct lab_opts *o,
		    const struct ab_opts *opts)
{
	struct ab ab = { .list = list, .nr = nr, .opts = opts };
	enum verdict v;

	v = ab_check(o, opts);
	for (int i = BASE; i <= HEAD && v == PASS; i++) {
		ab_side_opts(o, opts, i, &ab.side[i], ab.append[i],
			     sizeof(ab.append[i]));
		v = image_get(&ab.side[i], &ab.img[i]);
	}
	if (v != PASS)
		return v;
	if (report_run_dir(o, &ab.img[HEAD], "ab", ab.top, sizeof(ab.top)))
		return FAIL;
	for (int i = BASE; i <= HEAD; i++)
		snprintf(ab.dirs[i], sizeof(ab.dirs[i]), "%s/%s", ab.top,
			 side_names[i]);
	say_sides(&ab);
	v = run_and_compare(&ab);
	/* They go only if nothing was stored in them. */
	for (int i = BASE; i <= HEAD; i++)
		rmdir(ab.dirs[i]);
	if (rmdir(ab.top))
		fprintf(stderr, "results: %s\n", ab.top);
	return v;
}
