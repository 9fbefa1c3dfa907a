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
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/outfile.h"
#include "lab/base/tool.h"
#include "lab/run/report.h"

#define R(m) .offset = offsetof(struct report_opts, m)

const struct opt report_table[] = {
	{ .name = "results", .type = OPT_STRING, R(results), .arg = "DIR",
	  .def = "results", .help = "put the run's directory into this store" },
	{ .name = "run-dir", .type = OPT_STRING, R(run_dir), .arg = "DIR",
	  .help = "add to this run's directory instead of making one" },
	{ .name = "format", .type = OPT_STRING, R(format), .arg = "NAME",
	  .def = "summary",
	  .help = "print the report in this format at the end; mmubench run --help lists them" },
	OPT_END
};

/* Run the driver; its exit status, or -errno with @why. */
static int driver(struct words *w, int out_fd, struct reason *why)
{
	fflush(stdout);
	return tool_run(w, out_fd, why);
}

/* The same with its output in a file, where it appears as it comes. */
static int driver_file(struct words *w, const char *file, struct reason *why)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int ret;

	if (fd < 0) {
		words_free(w);
		return reason_set(why, -errno, "cannot write %s: %s", file,
				  strerror(errno));
	}
	ret = driver(w, fd, why);
	close(fd);
	return ret;
}

/* Something else in the place of a directory is best found before a boot. */
static int check_dir(const char *option, const char *path, struct reason *why)
{
	struct stat st;

	if (!*path || stat(path, &st) || S_ISDIR(st.st_mode))
		return 0;
	return reason_usage(why, -ENOTDIR,
			    "option --%s: '%s' is no directory; name one, or a name that is free",
			    option, path);
}

int report_check(const struct report_opts *o, const struct task *t,
		 const char *build, struct reason *why)
{
	struct words w = { .nr = 0 };
	char path[600];
	int err;

	err = check_dir("run-dir", o->run_dir, why);
	if (!err)
		err = check_dir("results", o->results, why);
	if (err || t->command)
		return err;
	snprintf(path, sizeof(path), "%s/bin/mmubench", build);
	if (access(path, X_OK))
		return reason_usage(why, -ENOENT,
				    "%s is not built; run make first, or give a command after --",
				    path);
	words_add_all(&w, path, "run", "--check", NULL);
	for (size_t i = 0; t->run_args[i]; i++)
		words_add_all(&w, t->run_args[i], NULL);
	words_add(&w, "--format=%s", o->format);
	return tool_judge(driver(&w, STDOUT_FILENO, why), why);
}

static void point_latest(const char *results, const char *name)
{
	char link[1100], temp[1200];

	snprintf(link, sizeof(link), "%s/latest", results);
	snprintf(temp, sizeof(temp), "%s.%d", link, (int)getpid());
	if (!symlink(name, temp) && rename(temp, link))
		unlink(temp);
}

int report_new_dir(const struct report_opts *o, const struct image *img,
		   const char *kind, char *path, size_t size,
		   struct reason *why)
{
	time_t now = time(NULL);
	char date[32], name[200];
	struct tm tm;
	int err;

	err = outfile_mkdirs(o->results, why);
	if (err)
		return err;
	strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	for (int i = 1; i < 1000; i++) {
		snprintf(name, sizeof(name), "%s-%s-%.80s", date, kind,
			 img->release);
		if (i > 1)
			snprintf(name + strlen(name), 8, "-%d", i);
		snprintf(path, size, "%s/%s", o->results, name);
		if (!mkdir(path, 0755))
			return 0;
		if (errno != EEXIST)
			break;
	}
	return reason_set(why, -errno,
			  "cannot make a run's directory in %s: %s",
			  o->results, strerror(errno));
}

static void show_words(struct words *w, const char *build, const char *run_dir,
		       const char *format)
{
	words_add(w, "%s/bin/mmubench", build);
	words_add_all(w, "show", run_dir, NULL);
	words_add(w, "--format=%s", format);
}

static void write_summary(const char *build, const char *run_dir)
{
	struct words w = { .nr = 0 };
	struct reason why;
	char file[1200];

	show_words(&w, build, run_dir, "summary");
	snprintf(file, sizeof(file), "%s/summary.txt", run_dir);
	if (driver_file(&w, file, &why))
		unlink(file);
}

enum verdict report_show(const struct report_opts *o, const char *build,
			 const char *run_dir, struct reason *why)
{
	struct words w = { .nr = 0 };
	int ret = 0;

	if (!*o->run_dir) {
		write_summary(build, run_dir);
		point_latest(o->results, strrchr(run_dir, '/') + 1);
	}
	if (strcmp(o->format, "none")) {
		show_words(&w, build, run_dir, o->format);
		ret = driver(&w, STDOUT_FILENO, why);
	}
	fprintf(stderr, "results: %s\n", run_dir);
	return ret ? VERDICT_FAIL : VERDICT_PASS;
}

static void compare_words(struct words *w, const char *build,
			  const char *const *options)
{
	words_add(w, "%s/bin/mmubench", build);
	words_add_all(w, "compare", NULL);
	for (; *options; options++)
		words_add_all(w, *options, NULL);
}

int report_compare_check(const char *build, const char *const *words,
			 struct reason *why)
{
	struct words w = { .nr = 0 };

	compare_words(&w, build, words);
	words_add_all(&w, "--check", NULL);
	return tool_judge(driver(&w, STDOUT_FILENO, why), why);
}

enum verdict report_compare(const char *build, const char *const *words,
			    const char *base, const char *head,
			    const char *file, struct reason *why)
{
	struct words w = { .nr = 0 };
	int ret;

	compare_words(&w, build, words);
	words_add_all(&w, base, head, NULL);
	ret = file ? driver_file(&w, file, why) :
		     driver(&w, STDOUT_FILENO, why);
	return ret ? VERDICT_FAIL : VERDICT_PASS;
}
