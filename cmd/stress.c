// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmubench stress: the cases of tests/stress for a given time, as a run.
 *
 * The time is divided among the chosen cases; all else is mmubench run's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* What a case takes beside its run: set-up, the last judges, a hang; chosen. */
#define SLACK_S 120

struct stress_args {
	double minutes;
};

static const struct opt stress_opts[] = {
	{ .name = "minutes", .type = OPT_DOUBLE,
	  .offset = offsetof(struct stress_args, minutes), .def = "1",
	  .help = "time to run all cases together, in minutes" },
	OPT_END
};

/* How many cases the patterns choose, or an exit status + 1 in @ret. */
static size_t count(char **patterns, int nr, int *ret)
{
	struct scenarios s;
	struct reason why;
	size_t i, n = 0;
	bool *chosen;

	*ret = 0;
	if (scenarios_find(&s, &why)) {
		*ret = cmd_failed(&why) + 1;
		return 0;
	}
	chosen = calloc(s.nr + 1, sizeof(*chosen));
	if (scenarios_choose(&s, patterns, nr, chosen, &why))
		*ret = cmd_failed(&why) + 1;
	for (i = 0; i < s.nr && !*ret; i++)
		n += chosen[i];
	free(chosen);
	scenarios_free(&s);
	return n;
}

/* The words behind "--" are mmubench run's own. */
static int split_at_dashes(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		;
	return i;
}

int cmd_stress(int argc, char **argv)
{
	char seconds[40], timeout[40], all[] = "stress", *patterns[argc + 1];
	char *words[argc + 6];
	struct stress_args args = { 0 };
	const struct opt_set set = { stress_opts, &args, NULL };
	int mine = split_at_dashes(argc, argv), nr = 0, n = 0, i, ret;
	double each;
	size_t cases;

	ret = cmd_parse(cmd_find("stress"), &set, 1, mine, argv, patterns, &nr);
	if (ret)
		return ret - 1;
	if (!nr)
		patterns[nr++] = all;
	cases = count(patterns, nr, &ret);
	if (ret)
		return ret - 1;
	each = args.minutes * 60 / (cases ? cases : 1);
	snprintf(seconds, sizeof(seconds), "--seconds=%.3f", each);
	snprintf(timeout, sizeof(timeout), "--timeout=%.0f", each + SLACK_S);
	words[n++] = (char *)"run";
	words[n++] = seconds;
	words[n++] = timeout;
	for (i = 0; i < nr; i++)
		words[n++] = patterns[i];
	for (i = mine + 1; i < argc; i++)
		words[n++] = argv[i];
	words[n] = NULL;
	return cmd_run(n, words);
}
