/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of a scenario program to its user, apart from reports. */
#ifndef MMUBENCH_SAY_H
#define MMUBENCH_SAY_H

/* Print "@who: sentence" on stderr. */
void bench_say(const char *who, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
