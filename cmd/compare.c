// SPDX-License-Identifier: GPL-2.0-only
/* mmubench compare: did anything change between two stored runs? */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "compare/compare.h"
#include "cmd.h"

struct compare_args {
	double alpha, floor_pct, tolerance;
	int format;
	bool check;
};

#define C(member) .offset = offsetof(struct compare_args, member)

static const char *const formats[] = {
	[COMPARE_TEXT] = "text", [COMPARE_JSON] = "json",
	[COMPARE_CASES] = "cases", NULL
};

static const struct opt compare_opts[] = {
	{ .name = "alpha", .type = OPT_DOUBLE, C(alpha), .def = "0.01",
	  .max = 1, .help = "significance level: p, after Holm's correction, below which a change counts" },
	{ .name = "floor", .type = OPT_DOUBLE, C(floor_pct), .def = "3",
	  .max = 1000, .unit = "%", .help = "ignore changes smaller than this" },
	{ .name = "tolerance", .type = OPT_DOUBLE, C(tolerance),
	  .def = "0", .max = 1,
	  .help = "relative tolerance for times of virtual clocks; 0 = what is known of the place" },
	{ .name = "format", .type = OPT_CHOICE, C(format), .choices = formats,
	  .def = "text",
	  .help = "format of the report; cases = only the names of cases that differ" },
	{ .name = "check", .type = OPT_FLAG, C(check),
	  .help = "check the options only, compare nothing" },
	OPT_END
};

/* A run's own name, where it fits over a column of the table. */
static const char *heading(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	return *name && strlen(name) <= 8 ? name : NULL;
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args args;
	struct opt_set set = { compare_opts, &args, NULL };
	struct compare_options o = { 0 };
	char *runs[argc];
	struct reason why;
	int nr, ret;

	ret = cmd_parse(cmd_find("compare"), &set, 1, argc, argv, runs, &nr);
	if (ret)
		return ret - 1;
	if (nr != 2 && !args.check)
		return cmd_error(EXIT_USAGE,
				 "compare needs two run directories, before and after");
	if (!args.alpha)
		return cmd_error(EXIT_USAGE,
				 "option --alpha: p is never below 0; give a number above 0, such as 0.01");
	if (args.check)
		return EXIT_PASS;
	o.alpha = args.alpha;
	/* There 0 is the default; here it is a floor that nothing is below. */
	o.floor_pct = args.floor_pct > 0 ? args.floor_pct : DBL_MIN;
	o.time_tolerance = args.tolerance;
	o.format = args.format;
	o.name_a = heading(runs[0]);
	o.name_b = heading(runs[1]);
	ret = compare_runs(runs[0], runs[1], &o, stdout, &why);
	if (ret < 0)
		return cmd_failed(&why);
	return ret ? EXIT_FAIL : EXIT_PASS;
}
