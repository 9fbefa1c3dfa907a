// SPDX-License-Identifier: GPL-2.0-only
/* Names, exit statuses and order of the verdicts, see verdict.h. */
#include "record/verdict.h"

static const struct {
	const char *name;
	enum exit_code code;
	unsigned int weight;	/* the heavier one is the worse */
} verdicts[] = {
	[VERDICT_PASS] = { "pass", EXIT_PASS, 0 },
	[VERDICT_SKIP] = { "skip", EXIT_SKIP, 1 },
	[VERDICT_USAGE] = { "usage", EXIT_USAGE, 2 },
	[VERDICT_INVALID] = { "invalid", EXIT_FAIL, 3 },
	[VERDICT_FAIL] = { "fail", EXIT_FAIL, 4 },
};

const char *verdict_name(enum verdict v)
{
	return verdicts[v].name;
}

int verdict_exit_code(enum verdict v)
{
	return verdicts[v].code;
}

enum verdict verdict_of_ending(enum ending ending)
{
	static const enum verdict of[] = {
		[ENDING_FAIL] = VERDICT_FAIL, [ENDING_SKIP] = VERDICT_SKIP,
		[ENDING_USAGE] = VERDICT_USAGE,
		[ENDING_INVALID] = VERDICT_INVALID,
	};

	return of[ending];
}

enum verdict verdict_of_exit(int code)
{
	switch (code) {
	case EXIT_PASS:
		return VERDICT_PASS;
	case EXIT_SKIP:
		return VERDICT_SKIP;
	case EXIT_USAGE:
		return VERDICT_USAGE;
	}
	return VERDICT_FAIL;
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	return verdicts[a].weight >= verdicts[b].weight ? a : b;
}

enum verdict verdict_both(enum verdict a, enum verdict b)
{
	if (a == VERDICT_SKIP)
		return b;
	return b == VERDICT_SKIP ? a : verdict_worse(a, b);
}
