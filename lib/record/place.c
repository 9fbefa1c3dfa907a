// SPDX-License-Identifier: GPL-2.0-only
/* Place and clock of the records made here, see place.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/place.h"

static const char *from_env(const char *name, const char *def)
{
	const char *value = getenv(name);

	return value && *value ? value : def;
}

const char *place_name(void)
{
	return from_env("MMUBENCH_PLACE", "host");
}

const char *place_emulator(void)
{
	return from_env("MMUBENCH_EMULATOR", "none");
}

const char *place_clock(void)
{
	return from_env("MMUBENCH_CLOCK", "wall");
}

bool place_emulated(void)
{
	return *from_env("MMUBENCH_EMULATOR", "");
}

int place_clock_of(const char *name)
{
	static const char *const names[] = {
		[CLOCK_WALL] = "wall", [CLOCK_VIRTUAL] = "virtual",
		[CLOCK_EMULATED] = "emulated",
	};
	int i;

	for (i = CLOCK_EMULATED; i >= 0 && strcmp(name, names[i]); i--)
		;
	return i;
}

int place_check(struct reason *why)
{
	const char *c;

	for (c = place_name(); isalnum((unsigned char)*c) || (*c && strchr("_-", *c)); c++)
		;
	if (*c)
		return reason_usage(why, -EINVAL,
				    "MMUBENCH_PLACE is '%.60s'; a place is letters, digits, '_' and '-'",
				    place_name());
	if (place_clock_of(place_clock()) < 0)
		return reason_usage(why, -EINVAL,
				    "MMUBENCH_CLOCK is '%.60s'; give wall, virtual or emulated",
				    place_clock());
	return 0;
}
