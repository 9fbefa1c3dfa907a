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

#include "lab/ab/internal.h"
#include "lab/base/say.h"
#include "lab/emu/choose.h"
#include "lab/run/parallel.h"
#include "lab/run/store.h"

/* Chosen: seven values a side with the first; a boot costs more than a case. */
#define AGAIN		3
#define CASES_AGAIN	2

static const char *const side_names[] = { "base", "head" };

struct ab {
	const struct ab_plan *plan;
	struct ab_side_opts side[2];
	struct image img[2];
	char top[600];
	char dirs[2][700];
	char differ[700];	/* file: which cases differ */
};

/* One host's run of one side, and what its job points to. */
struct piece {
	struct run_opts opts;
	struct task task;
	char append[1400], dir[800], label[32];
	char **args;
};

struct pieces {
	struct piece *v;
	struct run_job *jobs;
	unsigned int nr;
};

static int pieces_alloc(struct pieces *p, size_t max, struct reason *why)
{
	p->nr = 0;
	p->v = calloc(max, sizeof(*p->v));
	p->jobs = calloc(max, sizeof(*p->jobs));
	if (p->v && p->jobs)
		return 0;
	return reason_set(why, -ENOMEM, "no memory for %zu runs", max);
}

static void pieces_free(struct pieces *p)
{
	for (unsigned int i = 0; i < p->nr; i++)
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
	struct run_job *job = &p->jobs[p->nr];
	struct piece *piece = &p->v[p->nr++];

	piece->opts = ab->side[which].run;
	piece->task = *ab->plan->task;
	snprintf(piece->append, sizeof(piece->append), "%s",
		 ab->side[which].append);
	if (round)
		add_inert_word(piece->append, sizeof(piece->append), round);
	piece->opts.append = piece->append;
	snprintf(piece->label, sizeof(piece->label), "%s", side_names[which]);
	snprintf(piece->dir, sizeof(piece->dir), "%s", ab->dirs[which]);
	if (round || ab->plan->opts->repeats > 0) {
		snprintf(piece->label, sizeof(piece->label), "%s %u",
			 side_names[which], round + 1);
		snprintf(piece->dir, sizeof(piece->dir), "%s/r%02u",
			 ab->dirs[which], round + 1);
	}
	*job = (struct run_job){
		.host = host, .opts = &piece->opts, .task = &piece->task,
		.img = &ab->img[which], .build = ab->plan->places->build,
		.dir = piece->dir, .label = piece->label,
	};
	return piece;
}

static enum verdict run_all(struct ab *ab, struct reason *why)
{
	const struct ab_plan *plan = ab->plan;
	unsigned int rounds = plan->opts->repeats > 0 ? plan->opts->repeats : 1;
	enum verdict v = VERDICT_FAIL;
	struct pieces p;
	int err;

	err = pieces_alloc(&p, 2ul * rounds * plan->nr_hosts, why);
	for (unsigned int i = 0; !err && i < 2 * rounds; i++)
		for (unsigned int h = 0; h < plan->nr_hosts; h++)
			/* base head, head base, base head, ... */
			add_piece(&p, ab, (i / 2 + i) % 2, &plan->hosts[h],
				  i / 2);
	if (!err)
		v = run_jobs(p.jobs, p.nr, plan->run->jobs, why);
	pieces_free(&p);
	return v;
}

/* ---- what differs, again ------------------------------------------------ */

/* Compare what is there; @format's text goes to the file, or the output. */
static enum verdict compare(const struct ab *ab, const char *format,
			    const char *file, struct reason *why)
{
	struct ab_words words;

	ab_compare_words(ab->plan->opts, format, &words);
	return report_compare(ab->plan->places->build, words.v, ab->dirs[BASE],
			      ab->dirs[HEAD], file, why);
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
	char *const *args = piece->task.run_args;
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
	piece->task.run_args = piece->args;
	return 0;
}

/* Both sides of @host, each with @rounds disturbances. */
static int add_again(struct pieces *p, const struct ab *ab,
		     const struct host *host, char *only, unsigned int rounds,
		     struct reason *why)
{
	for (unsigned int i = 0; i < 2 * rounds; i++)
		if (only_args(add_piece(p, ab, i % 2, host, i / 2 + 1), only))
			return reason_set(why, -ENOMEM,
					  "no memory for %u runs", 2 * rounds);
	return 0;
}

static enum verdict run_again(struct ab *ab, unsigned int rounds,
			      struct reason *why)
{
	const struct ab_plan *plan = ab->plan;
	char *only[CHOICE_MAX] = { NULL };
	enum verdict v = VERDICT_PASS;
	struct pieces p;
	int err, nr = 0;

	err = pieces_alloc(&p, 2ul * rounds * plan->nr_hosts, why);
	for (unsigned int h = 0; !err && h < plan->nr_hosts; h++) {
		only[h] = cases_of(ab->differ, plan->hosts[h].name, &nr);
		if (only[h])
			err = add_again(&p, ab, &plan->hosts[h], only[h],
					rounds, why);
	}
	if (err) {
		v = VERDICT_FAIL;
	} else if (nr) {
		lab_say("%d cases differ; they run again, %u boots a side, to see what chance does",
			nr, rounds);
		v = run_jobs(p.jobs, p.nr, plan->run->jobs, why);
	}
	pieces_free(&p);
	for (unsigned int h = 0; h < plan->nr_hosts; h++)
		free(only[h]);
	return v;
}

/* ---- the whole ---------------------------------------------------------- */

/* With --repeats the records of a side lie one level deeper. */
static bool have_records(const struct ab *ab)
{
	char deeper[800];
	bool have = true;

	for (int i = BASE; i <= HEAD; i++) {
		snprintf(deeper, sizeof(deeper), "%s/*", ab->dirs[i]);
		have = have && (store_has_records(ab->dirs[i]) ||
				store_has_records(deeper));
	}
	return have;
}

static void say_sides(const struct ab *ab)
{
	const struct image *img = ab->img;

	for (int i = BASE; i <= HEAD; i++)
		lab_say("%s: Linux %s, %s%s%s", side_names[i], img[i].release,
			img[i].kernel, ab->side[i].append[0] ? ", " : "",
			ab->side[i].append);
	if (!strcmp(img[BASE].kernel, img[HEAD].kernel) &&
	    !strcmp(img[BASE].initramfs, img[HEAD].initramfs) &&
	    !strcmp(ab->side[BASE].append, ab->side[HEAD].append))
		lab_say("both sides are the same kernel with the same words");
}

static enum verdict report(struct ab *ab, struct reason *why)
{
	char file[700];

	snprintf(file, sizeof(file), "%s/compare.txt", ab->top);
	compare(ab, "text", file, why);
	snprintf(file, sizeof(file), "%s/compare.json", ab->top);
	compare(ab, "json", file, why);
	return compare(ab, ab_formats[ab->plan->opts->format], NULL, why);
}

static enum verdict run_and_compare(struct ab *ab, struct reason *why)
{
	const struct ab_opts *o = ab->plan->opts;
	int again = o->again < 0 ? AGAIN : o->again;
	enum verdict v;

	v = run_all(ab, why);
	if (lab_stop)
		return VERDICT_FAIL;
	if (!have_records(ab)) {
		lab_say("there is nothing to compare: a side has no results");
		return v ? v : VERDICT_FAIL;
	}
	if (o->repeats < 0 && again) {
		snprintf(ab->differ, sizeof(ab->differ), "%s/differ.txt",
			 ab->top);
		compare(ab, "cases", ab->differ, why);
		v = verdict_worse(v, run_again(ab, again, why));
		unlink(ab->differ);
	}
	if (lab_stop)
		return VERDICT_FAIL;
	/* A case that cannot run on a host is the same on both sides. */
	return verdict_both(v, report(ab, why));
}

enum verdict ab_run(const struct ab_plan *plan, struct reason *why)
{
	const struct places *places = plan->places;
	struct ab ab = { .plan = plan };
	enum verdict v;
	int err;

	err = ab_check(plan, why);
	if (!err)
		err = report_check(plan->report, plan->task, places->build, why);
	for (int i = BASE; i <= HEAD && !err; i++) {
		ab_side_opts(plan, i, &ab.side[i]);
		err = image_get(&ab.side[i].image, places, &ab.img[i], why);
	}
	if (!err)
		err = report_new_dir(plan->report, &ab.img[HEAD], "ab", ab.top,
				     sizeof(ab.top), why);
	if (err)
		return verdict_of_ending(why->ending);
	for (int i = BASE; i <= HEAD; i++)
		snprintf(ab.dirs[i], sizeof(ab.dirs[i]), "%s/%s", ab.top,
			 side_names[i]);
	say_sides(&ab);
	v = run_and_compare(&ab, why);
	/* They go only if nothing was stored in them. */
	for (int i = BASE; i <= HEAD; i++)
		rmdir(ab.dirs[i]);
	if (rmdir(ab.top))
		fprintf(stderr, "results: %s\n", ab.top);
	return v;
}
