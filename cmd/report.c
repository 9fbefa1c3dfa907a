// SPDX-License-Identifier: GPL-2.0-only
/* mmubench show, mmubench plot: a stored run, as text and as pictures. */
#include <stdio.h>

#include "plot/plot.h"
#include "sink/report.h"
#include "sink/sink.h"
#include "cmd.h"

struct report_args {
	const char *format, *out;
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
