// SPDX-License-Identifier: GPL-2.0-only
/*
 * What names a run, so that two copies of one record are known as such?
 *
 * The kernel's random UUID, each hex digit exclusive-ored with one of
 * MMUBENCH_SALT where a repeating host is told one.  That leaves the digits
 * random but not the version field of the standard.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"
#include "uuid.h"

static int digit_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
					   tolower((unsigned char)c) - 'a' + 10;
}

static void add_salt(char *uuid, const char *salt)
{
	static const char digits[] = "0123456789abcdef";

	for (; *uuid && isxdigit((unsigned char)*salt); uuid++) {
		if (!isxdigit((unsigned char)*uuid))
			continue;
		*uuid = digits[digit_value(*uuid) ^ digit_value(*salt++)];
	}
}

void uuid_make(char uuid[UUID_TEXT])
{
	FILE *f = fopen("/proc/sys/kernel/random/uuid", "re");
	const char *salt = getenv("MMUBENCH_SALT");

	if (!f || !fgets(uuid, UUID_TEXT, f))
		snprintf(uuid, UUID_TEXT, "%016llx-%08x",
			 (unsigned long long)timing_now_ns(), rand());
	if (f)
		fclose(f);
	if (salt)
		add_salt(uuid, salt);
}
