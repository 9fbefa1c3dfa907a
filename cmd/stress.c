// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmubench stress: the cases of tests/stress for a given time, as a run; an
 * earlier run again; and what is left of one that failed once all is left out
 * that it did not take.
 *
 * The time is divided among the chosen cases; all else is mmubench run's.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress.h"

/* What a case takes beside its run: set-up, the last judges, a hang; chosen. */
#define SLACK_S 120

#define MAX_WORDS 128

struct stress_args {
	double minutes, shrink_minutes;
	const char *replay, *shrink, *reproducer;
	uint32_t tries;
};

#define S(member) .offset = offsetof(struct stress_args, member)

static const struct opt stress_opts[] = {
	{ .name = "minutes", .type = OPT_DOUBLE, S(minutes), .def = "1",
	  .help = "time to run all cases together, in minutes" },
	{ .name = "replay", .type = OPT_STRING, S(replay), .arg = "FILE",
	  .help = "run what the record in FILE tells once more: same options, same steps in the same order" },
	{ .name = "tries", .type = OPT_U32, S(tries), .def = "3", .min = 1,
	  .max = 1000, .help = "with --replay: how often, until it fails" },
	{ .name = "shrink", .type = OPT_STRING, S(shrink), .arg = "FILE",
	  .help = "look for the least that violates what the record in FILE tells of" },
	{ .name = "shrink-minutes", .type = OPT_DOUBLE, S(shrink_minutes),
	  .def = "5",
	  .help = "time for that, also after a run with a violation, in minutes; 0 after a run: leave it" },
	{ .name = "reproducer", .type = OPT_STRING, S(reproducer), .arg = "FILE",
	  .help = "write what is left then to FILE, as a C program for the kernel's selftests" },
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

/* The first record of the run that is a failure. */
static void shrink_failed(const struct stress_args *args, const char *dir)
{
	struct recset set;
	struct reason why;
	size_t i;

	if (!*dir || args->shrink_minutes <= 0 || recset_load(&set, dir, &why))
		return;
	for (i = 0; i < set.nr && set.v[i]->verdict != VERDICT_FAIL; i++)
		;
	if (i < set.nr)
		shrink(set.v[i]->path, args->shrink_minutes, args->reproducer);
	recset_free(&set);
}

static int run_cases(const struct stress_args *args, char **patterns, int nr,
		     int nr_more, char **more)
{
	char seconds[40], timeout[40], dir[PATH_MAX] = "";
	char *words[nr + nr_more + 4];
	int n = 0, i, ret;
	size_t cases = count(patterns, nr, &ret);
	double each = args->minutes * 60 / (cases ? cases : 1);

	if (ret)
		return ret - 1;
	snprintf(seconds, sizeof(seconds), "--seconds=%.3f", each);
	snprintf(timeout, sizeof(timeout), "--timeout=%.0f", each + SLACK_S);
	words[n++] = (char *)"run";
	words[n++] = seconds;
	words[n++] = timeout;
	for (i = 0; i < nr; i++)
		words[n++] = patterns[i];
	for (i = 0; i < nr_more; i++)
		words[n++] = more[i];
	words[n] = NULL;
	ret = cmd_run_in(n, words, dir, sizeof(dir));
	if (ret == EXIT_FAIL)
		shrink_failed(args, dir);
	return ret;
}

/* A run's words may be changed by its parser, so each try has its own. */
static int replay_once(const struct stressed *s, const json_t *options,
		       int nr_more, char **more)
{
	char *words[MAX_WORDS] = { NULL }, *copy[MAX_WORDS];
	int n = 0, i, ret;

	words[n++] = strdup("run");
	if (asprintf(&words[n], "--only=%s", s->rec->case_name) >= 0)
		n++;
	stressed_words(options, words, &n, MAX_WORDS / 2);
	if (*s->schedule &&
	    asprintf(&words[n], "--replay=%s", s->schedule) >= 0)
		n++;
	for (i = 0; i < nr_more && n < MAX_WORDS - 1; i++)
		words[n++] = strdup(more[i]);
	words[n] = NULL;
	memcpy(copy, words, sizeof(words));
	ret = cmd_run(n, copy);
	while (n)
		free(words[--n]);
	return ret;
}

static int replay_tries(const struct stress_args *args,
			const struct stressed *s, const struct program *p,
			int nr_more, char **more)
{
	json_t *options = reproducer_options(p, s->options);
	uint32_t i;
	int ret = 0;

	/* As the seconds are not those of the driver, nor is its limit. */
	json_object_set(options, "timeout", json_object_get(s->options, "timeout"));
	for (i = 1; i <= args->tries && !ret; i++) {
		ret = replay_once(s, options, nr_more, more);
		if (ret <= EXIT_FAIL)
			printf("replay, try %u of %u: %s\n", i, args->tries,
			       ret ? "failed again" : "passed");
	}
	json_decref(options);
	return ret;
}

static int replay(const struct stress_args *args, int nr_more, char **more)
{
	const struct program *p = NULL;
	struct scenarios sc;
	struct stressed s;
	struct reason why;
	int ret;

	if (stressed_read(args->replay, &s, &why))
		return cmd_failed(&why);
	if (!*s.schedule)
		fprintf(stderr,
			"mmubench: '%s' names no schedule, so the seed alone is repeated\n",
			args->replay);
	if (!scenarios_find(&sc, &why))
		p = stressed_program(&sc, &s, &why);
	ret = p ? replay_tries(args, &s, p, nr_more, more) : cmd_failed(&why);
	scenarios_free(&sc);
	stressed_free(&s);
	return ret;
}

int cmd_stress(int argc, char **argv)
{
	char all[] = "stress", *patterns[argc + 1];
	struct stress_args args = { 0 };
	const struct opt_set set = { stress_opts, &args, NULL };
	int mine = split_at_dashes(argc, argv), nr = 0, ret;
	int nr_more = argc > mine ? argc - mine - 1 : 0;
	char **more = argv + argc - nr_more;

	ret = cmd_parse(cmd_find("stress"), &set, 1, mine, argv, patterns, &nr);
	if (ret)
		return ret - 1;
	if ((*args.replay || *args.shrink) && nr)
		return cmd_error(
			EXIT_USAGE,
			"unexpected '%s'; a record names its case itself",
			patterns[0]);
	if (*args.replay && *args.shrink)
		return cmd_error(
			EXIT_USAGE,
			"options --replay and --shrink: give one of them");
	if (*args.replay)
		return replay(&args, nr_more, more);
	if (*args.shrink)
		return shrink(args.shrink, args.shrink_minutes, args.reproducer);
	if (!nr)
		patterns[nr++] = all;
	return run_cases(&args, patterns, nr, nr_more, more);
}
