// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How do a lab run's results become a run like any other?
 *
 * Names the run's directory, lets the driver judge the run's words before
 * minutes are spent on booting, and lets it report at the end, so that the
 * lab knows neither options nor formats.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/lab.h"
#include "lab/run/store.h"

static int wait_for(struct proc *p)
{
	while (!lab_stop && proc_running(p))
		usleep(5000);
	proc_kill(p);
	return WIFEXITED(p->status) ? WEXITSTATUS(p->status) : FAIL;
}

/* Run the driver to its end; its exit status, or -errno and said why. */
static int driver(struct words *w, const char *file)
{
	struct proc p = { .pty = -1 };
	int ret;

	fflush(stdout);
	ret = w->failed ? -E2BIG :
			  proc_start(&p, w->v, file ? PROC_FILE : PROC_SHARE,
				     file);
	words_free(w);
	if (ret)
		lab_say("cannot start the driver: %s", strerror(-ret));
	return ret ? ret : wait_for(&p);
}

/* Something else in the place of a directory is best found before a boot. */
static int not_a_directory(const char *option, const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || S_ISDIR(st.st_mode))
		return 0;
	lab_say("%s '%s' is no directory; name one, or a name that is free",
		option, path);
	return 1;
}

enum verdict report_check(const struct lab_opts *o)
{
	struct words w = { .nr = 0 };
	int ret;

	if (o->shell)
		return PASS;
	if (not_a_directory("--run-dir", o->run_dir) ||
	    not_a_directory("--results", o->results))
		return USAGE;
	if (o->command)
		return PASS;
	words_add(&w, "%s/bin/mmubench", o->build);
	words_add(&w, "run");
	words_add(&w, "--check");
	for (size_t i = 0; o->run_args[i]; i++)
		words_add(&w, "%s", o->run_args[i]);
	words_add(&w, "--format=%s", o->format);
	ret = driver(&w, NULL);
	return ret == PASS || ret == USAGE ? (enum verdict)ret : FAIL;
}

static void point_latest(const char *results, const char *name)
{
	char link[1100], temp[1200];

	snprintf(link, sizeof(link), "%s/latest", results);
	snprintf(temp, sizeof(temp), "%s.%d", link, (int)getpid());
	if (!symlink(name, temp) && rename(temp, link))
		unlink(temp);
}

int report_run_dir(const struct lab_opts *o, const struct image *img,
		   const char *kind, char *path, size_t size)
{
	time_t now = time(NULL);
	char date[32], name[200];
	struct tm tm;
	int err;

	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	err = make_dirs(o->results);
	for (int i = 1; !err && i < 1000; i++) {
		snprintf(name, sizeof(name), "%s-%s-%.80s", date, kind,
			 img->release);
		if (i > 1)
			snprintf(name + strlen(name), 8, "-%d", i);
		snprintf(path, size, "%s/%s", o->results, name);
		if (!mkdir(path, 0755))
			return 0;
		if (errno != EEXIST)
			err = -errno;
	}
	lab_say("cannot make a run's directory in %s: %s", o->results,
		strerror(-err));
	return -1;
}

static int show(const struct lab_opts *o, const char *run_dir,
		const char *format, const char *file)
{
	struct words w = { .nr = 0 };

	words_add(&w, "%s/bin/mmubench", o->build);
	words_add(&w, "show");
	words_add(&w, "%s", run_dir);
	words_add(&w, "--format=%s", format);
	return driver(&w, file);
}

enum verdict report_compare_check(const struct lab_opts *o, char *const *words)
{
	struct words w = { .nr = 0 };
	int ret;

	words_add(&w, "%s/bin/mmubench", o->build);
	words_add(&w, "compare");
	words_add(&w, "--check");
	for (; *words; words++)
		words_add(&w, "%s", *words);
	ret = driver(&w, NULL);
	return ret == PASS || ret == USAGE ? (enum verdict)ret : FAIL;
}

enum verdict report_compare(const struct lab_opts *o, char *const *words,
			    const char *base, const char *head,
			    const char *file)
{
	struct words w = { .nr = 0 };

	words_add(&w, "%s/bin/mmubench", o->build);
	words_add(&w, "compare");
	words_add(&w, "%s", base);
	words_add(&w, "%s", head);
	for (; *words; words++)
		words_add(&w, "%s", *words);
	return driver(&w, file) ? FAIL : PASS;
}

enum verdict report_show(const struct lab_opts *o, const char *run_dir)
{
	char file[1200];
	int ret;

	if (!o->run_dir) {
		snprintf(file, sizeof(file), "%s/summary.txt", run_dir);
		ret = show(o, run_dir, "summary", file);
		if (ret)
			unlink(file);
		point_latest(o->results, strrchr(run_dir, '/') + 1);
	}
	ret = PASS;
	if (strcmp(o->format, "none"))
		ret = show(o, run_dir, o->format, NULL);
	fprintf(stderr, "results: %s\n", run_dir);
	return ret ? FAIL : PASS;
}
