// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is the run doing, and when will it end?
 *
 * On a terminal one line is rewritten, with the time that is left if the
 * remaining cases take as long as the finished ones did on average.  Else a
 * plain line per finished case.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timing.h"
#include "cmd.h"

#define CLEAR_LINE "\r\033[K"

void progress_duration(uint64_t ns, char *buf, size_t size)
{
	uint64_t s = (ns + 500000000) / 1000000000;

	if (s < 10 && ns < 9950000000ull)
		snprintf(buf, size, "%.1f s", ns / 1e9);
	else if (s < 60)
		snprintf(buf, size, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(buf, size, "%" PRIu64 " min %02" PRIu64 " s", s / 60,
			 s % 60);
	else
		snprintf(buf, size, "%" PRIu64 " h %02" PRIu64 " min", s / 3600,
			 s / 60 % 60);
}

void progress_start(struct progress *p, size_t total)
{
	memset(p, 0, sizeof(*p));
	/* The lab passes on whole lines. */
	p->tty = isatty(STDERR_FILENO) && !getenv("MMUBENCH_PLACE");
	p->total = total;
	p->start_ns = timing_now_ns();
}

void progress_case(struct progress *p, const char *name)
{
	p->now = name;
	progress_tick(p, 0);
}

void progress_tick(void *progress, uint64_t elapsed_ns)
{
	struct progress *p = progress;
	char spent[32], left[48] = "";
	uint64_t mean, rest;

	if (!p->tty)
		return;
	progress_duration(elapsed_ns, spent, sizeof(spent));
	if (p->done) {
		mean = p->spent_ns / p->done;
		rest = mean * (p->total - p->done);
		rest -= elapsed_ns < mean ? elapsed_ns : mean;
		strcpy(left, ", left about ");
		progress_duration(rest, left + strlen(left),
				  sizeof(left) - strlen(left));
	}
	fprintf(stderr, CLEAR_LINE "[%zu/%zu] %s, %s%s", p->done + 1, p->total,
		p->now, spent, left);
	fflush(stderr);
}

static const char *const words[] = {
	[VERDICT_PASS] = "ok", [VERDICT_FAIL] = "FAIL",
	[VERDICT_SKIP] = "skip", [VERDICT_INVALID] = "INVALID",
};

void progress_done(struct progress *p, enum verdict v, const char *text,
		   uint64_t elapsed_ns)
{
	char spent[32];

	p->done++;
	p->count[v]++;
	p->spent_ns += elapsed_ns;
	progress_duration(elapsed_ns, spent, sizeof(spent));
	/* On a terminal only what is worth a line stays. */
	if (p->tty && v == VERDICT_PASS)
		return;
	fprintf(stderr, "%s[%zu/%zu] %-7s %s, %s%s%s\n",
		p->tty ? CLEAR_LINE : "", p->done, p->total, words[v], p->now,
		spent, text ? ": " : "", text ? text : "");
}

void progress_end(struct progress *p)
{
	char spent[32];

	progress_duration(timing_now_ns() - p->start_ns, spent, sizeof(spent));
	fprintf(stderr, "%s%zu of %zu cases in %s: %u passed, %u failed, %u invalid, %u skipped\n",
		p->tty ? CLEAR_LINE : "", p->done, p->total, spent,
		p->count[VERDICT_PASS], p->count[VERDICT_FAIL],
		p->count[VERDICT_INVALID], p->count[VERDICT_SKIP]);
}
