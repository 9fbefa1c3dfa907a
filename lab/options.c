// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * Which options does the lab take?
 *
 * Each part of the lab has a table of its own; together they are the parser
 * and the help text.  Every word that is in none of them belongs to the run
 * inside the host and is handed on as it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "lab/options.h"

#define H(m) .offset = offsetof(struct options, m)

static const struct opt host_table[] = {
	{ .name = "host-set", .type = OPT_LIST, H(host_set),
	  .arg = "KEY=VALUE",
	  .help = "change a key of the host's block, such as cpus=4 or memory=4096; can be repeated" },
	OPT_END
};

/* ab's own hide the common ones of the same name, so they come first. */
#define NR_AB_SETS	3
#define NR_COMMON_SETS	4
#define NR_SETS		(NR_AB_SETS + NR_COMMON_SETS)

static void make_sets(struct options *o, struct opt_set *sets)
{
	*sets++ = (struct opt_set){ ab_side_table[BASE], &o->ab.side[BASE] };
	*sets++ = (struct opt_set){ ab_side_table[HEAD], &o->ab.side[HEAD] };
	*sets++ = (struct opt_set){ ab_table, &o->ab };
	*sets++ = (struct opt_set){ image_table, &o->image };
	*sets++ = (struct opt_set){ host_table, o };
	*sets++ = (struct opt_set){ run_table, &o->run };
	*sets++ = (struct opt_set){ report_table, &o->report };
}

/* How many words there are before "--", whose command goes into *task. */
static int cut_command(struct task *task, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		task->command = &argv[i + 1];
		return i;
	}
	return argc;
}

int options_parse(struct options *o, bool is_ab, int argc, char **argv,
		  struct reason *why)
{
	int skip = is_ab ? 0 : NR_AB_SETS, nr, err;
	struct opt_set sets[NR_SETS];

	make_sets(o, sets);
	argc = cut_command(&o->task, argc, argv);
	if (o->task.command && !o->task.command[0])
		return reason_usage(why, -EINVAL,
				    "a command is missing behind --");
	err = opt_defaults(sets, NR_SETS, why);
	if (!err)
		err = opt_parse_known(sets + skip, NR_SETS - skip, argc, argv,
				      argv, &nr, why);
	if (err)
		return err;
	argv[nr] = NULL;
	o->task.run_args = argv;
	return run_check(&o->run, why);
}

static void print_table(const struct opt_set *sets, unsigned int nr)
{
	char *text = opt_help(sets, nr, false);

	fputs(text ? text : "", stdout);
	free(text);
}

void options_print_help(void)
{
	struct opt_set sets[NR_SETS];
	struct options o;

	make_sets(&o, sets);
	fputs("usage: mmubench lab list\n"
	      "       mmubench lab run HOST[,HOST...] [OPTION...] [WORD...]\n"
	      "       mmubench lab run HOST[,HOST...] [OPTION...] -- COMMAND [ARG...]\n"
	      "       mmubench lab shell HOST [OPTION...]\n"
	      "       mmubench lab ab [--base KSRC] --head KSRC [HOST[,HOST...]] [OPTION...] [WORD...]\n"
	      "\n", stdout);
	fmt_wrap(stdout, "",
		 "HOST is a name that `mmubench lab list` shows, or `default` for all default hosts. WORDs are for `mmubench run` inside the host: cases and options.");
	puts("\noptions:");
	print_table(sets + NR_AB_SETS, NR_COMMON_SETS);
	puts("\noptions of ab:");
	print_table(sets, NR_AB_SETS);
}
