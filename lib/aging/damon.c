// SPDX-License-Identifier: GPL-2.0-only
/*
 * About how much of a span was used?  Asked through DAMON.
 *
 * Method: one DAMON thread monitors the span as a fixed range of virtual
 * addresses of this process; it samples one page per region and adapts the
 * regions.  Two schemes that only count (action "stat") sum up the bytes of
 * regions seen accessed and not accessed; a pass asks for the sums.
 *
 * Errors: a region is judged by one sampled page at a time, so the answer is
 * an estimate; a pass waits for DAMON's next aggregation and its time says
 * little about the cost of aging.
 *
 * Cannot tell: which pages were used; anything while somebody else uses
 * DAMON on this host, who is left alone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "internal.h"

#define KDAMONDS	"/sys/kernel/mm/damon/admin/kdamonds/"
#define KDAMOND		KDAMONDS "0/"
#define CONTEXT		KDAMOND "contexts/0/"

/* Chosen: 20 samples of each region make one answer, ten answers a second. */
#define SAMPLE_US	"5000"
#define AGGR_US		"100000"
#define UPDATE_US	"1000000"

struct damon {
	const void *hva;	/* of the span being monitored */
	uint64_t nr_pages;
};

static int damon_probe(struct reason *why)
{
	uint64_t nr;
	int err = host_read_u64(KDAMONDS "nr_kdamonds", &nr);

	if (err == -EACCES)
		return reason_skip(why, err, "cannot read " KDAMONDS "; run as root");
	if (err)
		return reason_skip(why, -ENODEV,
				   "this kernel has no DAMON; it needs CONFIG_DAMON_VADDR and CONFIG_DAMON_SYSFS");
	if (nr)
		return reason_skip(why, -EBUSY,
				   "DAMON is in use on this host and is left alone");
	return 0;
}

struct setting {
	const char *file;
	const char *text;
};

static int write_all(const struct setting *list, size_t nr,
		     struct reason *why)
{
	char path[HOST_PATH_BYTES];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < nr; i++) {
		snprintf(path, sizeof(path), KDAMOND "%s", list[i].file);
		err = host_write(path, list[i].text, why);
	}
	return err;
}

/* A scheme that counts regions seen accessed @low..@high times. */
static int set_scheme(int i, const char *low, const char *high,
		      struct reason *why)
{
	static const struct {
		const char *what, *max;
	} wide[] = { { "sz", "18446744073709551615" }, { "age", "4294967295" } };
	char path[HOST_PATH_BYTES];
	int j, err;

	snprintf(path, sizeof(path), CONTEXT "schemes/%d/action", i);
	err = host_write(path, "stat", why);
	for (j = 0; !err && j < 2; j++) {
		snprintf(path, sizeof(path),
			 CONTEXT "schemes/%d/access_pattern/%s/min", i,
			 wide[j].what);
		err = host_write(path, "0", why);
		snprintf(path, sizeof(path),
			 CONTEXT "schemes/%d/access_pattern/%s/max", i,
			 wide[j].what);
		if (!err)
			err = host_write(path, wide[j].max, why);
	}
	snprintf(path, sizeof(path),
		 CONTEXT "schemes/%d/access_pattern/nr_accesses/min", i);
	if (!err)
		err = host_write(path, low, why);
	snprintf(path, sizeof(path),
		 CONTEXT "schemes/%d/access_pattern/nr_accesses/max", i);
	if (!err)
		err = host_write(path, high, why);
	return err;
}

static int configure(const struct gpages *span, struct reason *why)
{
	char pid[16], start[24], end[24];
	const struct setting settings[] = {
		{ "contexts/nr_contexts", "1" },
		{ "contexts/0/operations", "fvaddr" },
		{ "contexts/0/monitoring_attrs/intervals/sample_us", SAMPLE_US },
		{ "contexts/0/monitoring_attrs/intervals/aggr_us", AGGR_US },
		{ "contexts/0/monitoring_attrs/intervals/update_us", UPDATE_US },
		{ "contexts/0/targets/nr_targets", "1" },
		{ "contexts/0/targets/0/pid_target", pid },
		{ "contexts/0/targets/0/regions/nr_regions", "1" },
		{ "contexts/0/targets/0/regions/0/start", start },
		{ "contexts/0/targets/0/regions/0/end", end },
		{ "contexts/0/schemes/nr_schemes", "2" },
	};
	unsigned long long first = (uintptr_t)span->hva;
	int err;

	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(start, sizeof(start), "%llu", first);
	snprintf(end, sizeof(end), "%llu",
		 first + (unsigned long long)span->nr_pages * 4096);
	err = write_all(settings, sizeof(settings) / sizeof(settings[0]), why);
	if (!err)
		err = set_scheme(0, "1", "4294967295", why);
	if (!err)
		err = set_scheme(1, "0", "0", why);
	return err;
}

/* The span is known at the first pass only. */
static int start(struct damon *s, const struct gpages *span,
		 struct reason *why)
{
	int err = host_push_write(KDAMONDS "nr_kdamonds", "1", why);

	if (!err)
		err = configure(span, why);
	if (!err)
		err = host_push_write_undo(KDAMOND "state", "on", "off", why);
	if (err)
		return err;
	s->hva = span->hva;
	s->nr_pages = span->nr_pages;
	return 0;
}

static int read_scheme(int i, uint64_t *pages, struct reason *why)
{
	char path[HOST_PATH_BYTES];
	uint64_t bytes;
	int err;

	snprintf(path, sizeof(path),
		 CONTEXT "schemes/%d/tried_regions/total_bytes", i);
	err = host_read_u64(path, &bytes);
	if (err)
		return reason_set(why, err, "cannot read %.200s: %s", path,
				  strerror(-err));
	*pages = bytes / 4096;
	return 0;
}

static int damon_pass(struct aging *a, const struct gpages *span,
		      struct aging_result *res, struct reason *why)
{
	struct damon *s = a->priv;
	uint64_t young, old;
	int err = 0;

	if (!s->hva) {
		err = start(s, span, why);
		if (err)
			return err;
	}
	if (s->hva != span->hva || s->nr_pages != span->nr_pages)
		return reason_set(why, -EINVAL,
				  "DAMON can watch one span per run only");
	err = host_write(KDAMOND "state", "update_schemes_tried_bytes", why);
	if (!err)
		err = read_scheme(0, &young, why);
	if (!err)
		err = read_scheme(1, &old, why);
	if (err)
		return err;
	res->young_pages = young < span->nr_pages ? young : span->nr_pages;
	res->old_pages = old < span->nr_pages - res->young_pages ?
			 old : span->nr_pages - res->young_pages;
	res->unknown_pages = span->nr_pages - res->young_pages - res->old_pages;
	return 0;
}

/* Stops here already, so that another run of this process can start. */
static void damon_close(struct aging *a)
{
	struct damon *s = a->priv;

	if (!s->hva)
		return;
	host_write_raw(KDAMOND "state", "off");
	host_write_raw(KDAMONDS "nr_kdamonds", "0");
}

const struct aging_ops aging_damon = {
	.name = "damon",
	.summary = "DAMON on the span's addresses: sampled estimates",
	.caps = AGING_APPROX | AGING_REAL,
	.priv_bytes = sizeof(struct damon),
	.probe = damon_probe,
	.pass = damon_pass,
	.close = damon_close,
};
