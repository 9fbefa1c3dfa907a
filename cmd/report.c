// SPDX-License-Identifier: GPL-2.0-only
/* mmubench show, plot, report: a stored run, as text, pictures, and a page. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "page/page.h"
#include "plot/plot.h"
#include "sink/report.h"
#include "sink/sink.h"
#include "cmd.h"

struct report_args {
	const char *format, *out, *baseline;
};

static const struct opt show_opts[] = {
	{ .name = "format", .type = OPT_STRING,
	  .offset = offsetof(struct report_args, format), .def = "human",
	  .registry = sink_members, .help = "format of the report" },
	OPT_END
};

static const struct opt plot_opts[] = {
	{ .name = "out", .type = OPT_STRING,
	  .offset = offsetof(struct report_args, out),
	  .help = "directory for the pictures, instead of RUN/plots" },
	OPT_END
};

static const struct opt page_opts[] = {
	{ .name = "out", .type = OPT_STRING,
	  .offset = offsetof(struct report_args, out),
	  .help = "file to write, instead of RUN/report.html" },
	{ .name = "baseline", .type = OPT_STRING,
	  .offset = offsetof(struct report_args, baseline),
	  .help = "earlier run to compare with" },
	OPT_END
};

/* 0 with the one operand in *run, or the exit status + 1. */
static int parse_run(const char *name, const struct opt *opts,
		     struct report_args *args, int argc, char **argv,
		     const char **run)
{
	struct opt_set set = { opts, args, NULL };
	char *operands[argc];
	int nr, ret;

	ret = cmd_parse(cmd_find(name), &set, 1, argc, argv, operands, &nr);
	if (ret)
		return ret;
	if (nr != 1)
		return cmd_error(EXIT_USAGE,
				 "%s needs one run directory, such as results/latest",
				 name) + 1;
	*run = operands[0];
	return 0;
}

int cmd_show(int argc, char **argv)
{
	struct report_args args;
	struct reason why;
	const char *run;
	int ret, err;

	ret = parse_run("show", show_opts, &args, argc, argv, &run);
	if (ret)
		return ret - 1;
	err = report_run(run, args.format, stdout, &why);
	if (err)
		return cmd_failed(&why);
	return EXIT_PASS;
}

int cmd_plot(int argc, char **argv)
{
	struct report_args args;
	struct reason why;
	const char *run;
	int ret;

	ret = parse_run("plot", plot_opts, &args, argc, argv, &run);
	if (ret)
		return ret - 1;
	ret = plot_run(run, *args.out ? args.out : NULL, stdout, &why);
	if (ret < 0)
		return cmd_failed(&why);
	if (!ret)
		printf("no pictures: %s has no curve and no distribution of at least 20 samples\n",
		       run);
	return EXIT_PASS;
}

/* Pictures are drawn unless there are some; without gnuplot the page has none. */
static int draw_missing(const char *run, struct reason *why)
{
	char pattern[4200];
	glob_t found;
	int none, ret;

	snprintf(pattern, sizeof(pattern), "%.4096s/plots/*.svg", run);
	none = glob(pattern, 0, NULL, &found);
	if (!none)
		globfree(&found);
	if (!none)
		return 0;
	ret = plot_run(run, NULL, NULL, why);
	if (ret < 0 && why->ending == ENDING_SKIP) {
		fprintf(stderr, "mmubench: the page has no pictures: %s\n",
			why->text);
		return 0;
	}
	return ret < 0 ? ret : 0;
}

/* The directory in @dir of the page's file, whose name is returned. */
static const char *page_place(const char *run, const char *out, char *dir,
			      size_t size)
{
	const char *name = strrchr(out, '/');

	if (!*out) {
		snprintf(dir, size, "%.4096s", run);
		return "report.html";
	}
	name = name ? name + 1 : out;
	if (name == out)
		snprintf(dir, size, ".");
	else
		snprintf(dir, size, "%.*s", (int)(name - out), out);
	return name;
}

int cmd_report(int argc, char **argv)
{
	struct report_args args;
	char dir[4200];
	struct reason why;
	const char *run, *name;
	int ret;

	ret = parse_run("report", page_opts, &args, argc, argv, &run);
	if (ret)
		return ret - 1;
	name = page_place(run, args.out, dir, sizeof(dir));
	if (!*name)
		return cmd_error(EXIT_USAGE,
				 "option --out: '%s' names a directory; give a file, such as report.html",
				 args.out);
	ret = draw_missing(run, &why);
	if (!ret)
		ret = page_write(run, *args.baseline ? args.baseline : NULL,
				 dir, name, &why);
	if (ret)
		return cmd_failed(&why);
	printf("wrote %s/%s\n", dir, name);
	return EXIT_PASS;
}
