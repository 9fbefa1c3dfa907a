/* SPDX-License-Identifier: GPL-2.0-only */
/* What a scenario program tells whoever started it, beside its reports. */
#ifndef MMUBENCH_SAY_H
#define MMUBENCH_SAY_H

/* "@who: sentence" on stderr. */
void bench_say(const char *who, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
