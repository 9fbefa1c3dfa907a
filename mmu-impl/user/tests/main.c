// SPDX-License-Identifier: GPL-2.0-only
/*
 * Front of the user-space tests: one test, one format, one seed per run.
 *
 *   mmu-user TEST [--mode npt|ept|noad] [--log d|w] [--seed N] [--ops N]
 *                 [--threads]
 *
 * Exit status: 0 all rules held, 1 a rule broke (the message names it and
 * the seed), 64 bad usage.  run-tests calls this and speaks TAP.
 */
#include "judge/oracle.h"
#include "tests/tests.h"

static const struct {
	const char *name;
	int (*run)(const struct test_args *a);
} tests[] = {
	{ "random", test_random },
	{ "states", test_states },
	{ "inter", test_inter },
	{ "cases", test_cases },
	{ "trace", test_trace },
	{ "count", test_count },
	{ "codec", test_codec },
};

static const char *const modes[HW_MODES] = { "npt", "ept", "noad" };

static int usage(const char *what, const char *got)
{
	fprintf(stderr, "mmu-user: %s '%s'; use TEST [--mode npt|ept|noad] "
		"[--log d|w] [--seed N] [--ops N] [--threads] [--verbose]\n",
		what, got);
	return 64;
}

static bool number(const char *text, u64 *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return *text && !*end && !errno;
}

static bool mode_by_name(const char *text, enum hw_mode *mode)
{
	int i;

	for (i = 0; i < HW_MODES; i++)
		if (!strcmp(text, modes[i])) {
			*mode = (enum hw_mode)i;
			return true;
		}
	return false;
}

static bool log_by_name(const char *text, enum test_log *log)
{
	*log = *text == 'd' ? LOG_BY_D : LOG_BY_W;
	return (*text == 'd' || *text == 'w') && !text[1];
}

static int parse(int argc, char **argv, struct test_args *a)
{
	int i;

	for (i = 2; i < argc; i++) {
		const char *v = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--threads")) {
			a->threads = true;
			continue;
		}
		if (!strcmp(argv[i], "--verbose")) {
			oracle_verbose = true;
			continue;
		}
		if (!strcmp(argv[i], "--mode") && mode_by_name(v, &a->mode))
			i++;
		else if (!strcmp(argv[i], "--log") && log_by_name(v, &a->log))
			i++;
		else if (!strcmp(argv[i], "--seed") && number(v, &a->seed))
			i++;
		else if (!strcmp(argv[i], "--ops") && number(v, &a->ops))
			i++;
		else
			return usage("bad option or value", argv[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct test_args a = { .seed = 1, .ops = 100000 };
	size_t i;
	int r;

	if (argc < 2)
		return usage("no test given", "");
	r = parse(argc, argv, &a);
	if (r)
		return r;
	tasks_begin(TASK_RANDOM, a.seed);
	oracle_seed = a.seed;
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (!strcmp(argv[1], tests[i].name))
			return tests[i].run(&a);
	return usage("no such test", argv[1]);
}
