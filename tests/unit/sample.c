// SPDX-License-Identifier: GPL-2.0-only
/* Records as scenarios would write them, see sample.h. */
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/rec.h"
#include "sample.h"

static uint64_t state;

static uint64_t rng(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double uniform(void)
{
	return (rng() >> 11) * 0x1p-53;
}

/* Log-normal around @median with a rare second mode, as latencies are. */
static uint64_t latency(double median)
{
	double g = sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());

	return median * exp(.12 * g) * (rng() % 500 ? 1 : 12);
}

static void fill(struct hist *h, double median, unsigned int n)
{
	hist_reset(h);
	while (n--)
		hist_add(h, latency(median));
}

static void self_cost(struct rec *r)
{
	rec_value(r, "self.record_tsc", 87.5 + uniform(), "tsc", BETTER_LOWER);
	rec_value(r, "self.timestamp_ns", 24, "ns", BETTER_LOWER);
}

static void faults(struct rec *r, const struct sample_tweak *t)
{
	static struct hist h;
	double slower = t->slower > 0 ? t->slower : 1;

	fill(&h, 12500 * slower, 3000);
	rec_dist(r, "latency", &h, "ns", .4, BETTER_LOWER);
	fill(&h, 9100 * slower, 2000);
	rec_dist(r, "latency.write", &h, "ns", .4, BETTER_LOWER);
	rec_count(r, "pages", 8192, "pages", BETTER_NONE);
	rec_count(r, "stat.pf_taken", 8192, "events", BETTER_NONE);
	rec_count(r, "stat.remote_tlb_flush", 76 + t->more_flushes, "events",
		  BETTER_LOWER);
	rec_check(r, "pf_taken", true, "8192 of 8192");
	self_cost(r);
}

static void precopy(struct rec *r, const struct sample_tweak *t)
{
	static const double x[] = { 1, 2, 3, 4, 5, 6 };
	static const double y[] = { 65536, 14000, 3100, 700, 150, 31 };

	rec_series(r, "dirty_pages", "round", "pages", x, y, 6);
	rec_value(r, "pages_per_s", 1.23e6, "pages/s", BETTER_HIGHER);
	rec_value(r, "no_number", NAN, "x", BETTER_NONE);
	rec_count(r, "bytes_sent", 5ll << 30, "bytes", BETTER_LOWER);
}

static void warm(struct rec *r, const struct sample_tweak *t)
{
	rec_value(r, "warm_touch.guest_host_ratio", .971, "x", BETTER_HIGHER);
	rec_value(r, "faults_per_page", 1.007, "ratio", BETTER_LOWER);
	rec_note(r, "a note with | pipes, a\ttab and a\nline end, long enough to be broken into more than one line of text");
	self_cost(r);
}

static void failing(struct rec *r, const struct sample_tweak *t)
{
	static struct hist none;

	rec_dist(r, "never", &none, "ns", 1, BETTER_LOWER);
	rec_check(r, "lost_pages", false, "page %d was written and is in no harvest", 4711);
	rec_invalid(r, "%u of %u pages were still idle", 900u, 8192u);
}

static void noisy(struct rec *r, const struct sample_tweak *t)
{
	rec_count(r, "pages", 100, "pages", BETTER_HIGHER);
	rec_invalid(r, "the CPU was throttled %d times", 3);
}

static void skipped(struct rec *r, const struct sample_tweak *t)
{
}

static const struct {
	const char *place, *emulator, *clock, *name, *skip;
	void (*fn)(struct rec *r, const struct sample_tweak *t);
} samples[] = {
	{ "host", "none", "wall", "fast_pf.map", NULL, faults },
	{ "host", "none", "wall", "fast_pf.write_protect.vcpus4", NULL, faults },
	{ "host", "none", "wall", "dirty_log.precopy", NULL, precopy },
	{ "host", "none", "wall", "dirty_log.warm", NULL, warm },
	{ "host", "none", "wall", "dirty_log.lost", NULL, failing },
	{ "host", "none", "wall", "dirty_log.noisy", NULL, noisy },
	{ "host", "none", "wall", "access_tracking.pass.idle",
	  "no interface to age pages: 3 tried (page_idle, MGLRU, DAMON); enable one",
	  skipped },
	{ "host", "none", "wall", "access_tracking.accuracy",
	  "no interface to age pages: 3 tried (page_idle, MGLRU, DAMON); enable one",
	  skipped },
	{ "amd-npt", "qemu", "virtual", "fast_pf.map", NULL, faults },
	{ "amd-npt", "qemu", "virtual", "access_tracking.pass.idle", NULL,
	  faults },
	{ "emu", "qemu", "emulated", "fast_pf.map", NULL, faults },
	{ "emu", "qemu", "emulated", "dirty_log.precopy", NULL, precopy },
	{ "emu", "qemu", "emulated", "dirty_log.warm", NULL, warm },
};

static int write_sample(const char *dir, unsigned int i,
			const struct sample_tweak *t)
{
	char path[300];
	struct rec *r;

	snprintf(path, sizeof(path), "%s/%s", dir, samples[i].place);
	setenv("MMUBENCH_PLACE", samples[i].place, 1);
	setenv("MMUBENCH_EMULATOR", samples[i].emulator, 1);
	setenv("MMUBENCH_CLOCK", samples[i].clock, 1);
	r = rec_open(path, samples[i].name, NULL);
	unsetenv("MMUBENCH_PLACE");
	unsetenv("MMUBENCH_EMULATOR");
	unsetenv("MMUBENCH_CLOCK");
	if (!r)
		return -1;
	rec_line(r, "run", json_pack("{s:I}", "seed", (json_int_t)t->seed));
	rec_line(r, "env", json_pack("{s:s}", "cpu", "sample"));
	samples[i].fn(r, t);
	return rec_close(r, samples[i].skip ? VERDICT_SKIP : VERDICT_PASS,
			 samples[i].skip, NULL, NULL);
}

int sample_run(const char *dir, const struct sample_tweak *tweak)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]) && !ret; i++) {
		state = 0x9e3779b97f4a7c15 ^ (tweak->seed << 17) ^ i;
		/* Virtual clocks repeat whatever the seed of the noise. */
		if (!strcmp(samples[i].clock, "virtual"))
			state = 0x9e3779b97f4a7c15 + i;
		ret = write_sample(dir, i, tweak);
	}
	return ret;
}

int sample_record(const char *dir, const struct sample_tweak *tweak)
{
	state = 0x9e3779b97f4a7c15 ^ (tweak->seed << 17);
	return write_sample(dir, 0, tweak);
}

void sample_mutate(char *text, size_t len)
{
	static const char likely[] = "{}[]\",:0123456789-.e\n\\ntu\x80\xff";
	unsigned int n = 1 + rng() % 4;
	size_t from, to, part;

	while (n--) {
		switch (rng() % 4) {
		case 0:
			text[rng() % len] = rng();
			break;
		case 1:
			text[rng() % len] ^= 1 << rng() % 8;
			break;
		case 2:
			text[rng() % len] = likely[rng() % (sizeof(likely) - 1)];
			break;
		default:
			part = rng() % 40;
			from = rng() % (len - part);
			to = rng() % (len - part);
			memmove(text + to, text + from, part);
		}
	}
}

char *sample_tmpdir(char *path)
{
	/* Hundreds of records are synced to disk: better to one in memory. */
	strcpy(path, "/dev/shm/mmubench-test.XXXXXX");
	if (mkdtemp(path))
		return path;
	strcpy(path, "/tmp/mmubench-test.XXXXXX");
	return mkdtemp(path);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	return remove(path);
}

void sample_rmdir(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
