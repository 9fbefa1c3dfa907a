// SPDX-License-Identifier: GPL-2.0-only
// Copyright (C) 2026 mmubench authors
/*
 * How are two runs told apart whose hosts did exactly the same?
 *
 * A deterministic host's date and random numbers repeat, and with them the
 * names of its records.  Telling the host something random instead would make
 * it take other branches, so names and dates are changed in the files that
 * come back: exclusive-ored digits, characters of the same number.  The text
 * is not parsed; a member that is written otherwise is left as it is.
 */
#include <ctype.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "lab/run/stamp.h"

void stamp_make(struct stamp *s)
{
	time_t now = time(NULL);
	struct tm tm;

	memset(s, 0, sizeof(*s));
	strftime(s->time, sizeof(s->time), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&now, &tm));
	if (getrandom(s->salt, sizeof(s->salt), 0) < 0)
		memset(s->salt, 0, sizeof(s->salt));
}

static int digit_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
					   tolower((unsigned char)c) - 'a' + 10;
}

static void mix(const struct stamp *s, char *p, const char *end)
{
	for (size_t i = 0; p < end && *p != '"' && i < sizeof(s->salt); p++)
		if (isxdigit((unsigned char)*p))
			*p = "0123456789abcdef"[digit_value(*p) ^
						(s->salt[i++] & 15)];
}

/* The value of the next member called @key, or NULL; blanks may follow ':'. */
static char *find_value(char *p, const char *end, const char *key)
{
	size_t n = strlen(key);

	p = memmem(p, end - p, key, n);
	if (!p)
		return NULL;
	for (p += n; p < end && (*p == ' ' || *p == ':'); p++)
		;
	return p < end && *p == '"' ? p + 1 : NULL;
}

void stamp_text(const struct stamp *s, char *text, size_t n, int dated)
{
	static const char *const names[] = { "\"uuid\"", "\"run_uuid\"" };
	size_t len = strlen(s->time);
	char *end = text + n, *p;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		p = find_value(text, end, names[i]);
		if (p)
			mix(s, p, end);
	}
	p = dated ? find_value(text, end, "\"time\"") : NULL;
	if (p && p + len < end && p[len] == '"')
		memcpy(p, s->time, len);
}
