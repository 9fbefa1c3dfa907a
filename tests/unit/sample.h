/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as scenarios would write them, for tests of what reads records. */
#ifndef MMUBENCH_TESTS_SAMPLE_H
#define MMUBENCH_TESTS_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* What varies between two runs; zero is the plain run. */
struct sample_tweak {
	uint64_t seed;
	double slower;		/* factor on fault latencies, 0 = 1 */
	int64_t more_flushes;
};

/*
 * Write a run into @dir: places host (wall), amd-npt (virtual) and emu
 * (emulated clock), cases of every verdict.  0 or -errno.
 */
int sample_run(const char *dir, const struct sample_tweak *tweak);

/* One host record "fast_pf.map" in @dir, about 3000 samples. 0 or -errno. */
int sample_record(const char *dir, const struct sample_tweak *tweak);

/* Damage @text in one to four places, @len stays. */
void sample_mutate(char *text, size_t len);

/* A new temporary directory, and its removal with all it holds. */
char *sample_tmpdir(char *path);	/* path: at least 40 bytes */
void sample_rmdir(const char *path);

#endif
