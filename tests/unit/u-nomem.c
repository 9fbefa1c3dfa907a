// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a counter or a part of a record ever lost silently?
 *
 * Method: the same work is done again and again, and each time another
 * allocation fails (the linker wraps malloc and its like for this program,
 * see the Makefile; jansson is told to use them).  Either the result is whole
 * or it says that it is not.  KVM's stats are a file made here: ioctl() is
 * wrapped, too.  Allocations inside libc do not fail here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "probe/probe.h"
#include "record/rec.h"
#include "record/recread.h"
#include "fixture.h"

/* ---- allocations that fail ----------------------------------------------- */

static long fail_at = -1;	/* this many succeed before one fails; -1: none */

static bool fails(void)
{
	return fail_at >= 0 && fail_at-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

/* Did the one that was to fail since begin() happen at all? */
static bool failed_one(void)
{
	bool did = fail_at < 0;

	fail_at = -1;
	return did;
}

/* ---- KVM's stats ----------------------------------------------------------- */

#define NR_STATS 3
#define NAME_BYTES 16

static int stats_fd = -1;

int __wrap_ioctl(int fd, unsigned long request, void *arg);

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	if (request == KVM_GET_STATS_FD)
		return dup(stats_fd);
	errno = ENOTTY;
	return -1;
}

static void put(const void *from, size_t bytes, off_t at)
{
	assert_int_equal(pwrite(stats_fd, from, bytes, at), bytes);
}

static void stats_make(void)
{
	const size_t desc_bytes = sizeof(struct kvm_stats_desc) + NAME_BYTES;
	const struct kvm_stats_header header = {
		.name_size = NAME_BYTES, .num_desc = NR_STATS,
		.desc_offset = sizeof(header),
		.data_offset = sizeof(header) + NR_STATS * desc_bytes,
	};
	unsigned int i;

	stats_fd = memfd_create("stats", MFD_CLOEXEC);
	put(&header, sizeof(header), 0);
	for (i = 0; i < NR_STATS; i++) {
		const struct kvm_stats_desc desc = { .size = 1, .offset = 8 * i };
		char name[NAME_BYTES];
		off_t at = header.desc_offset + i * desc_bytes;

		snprintf(name, sizeof(name), "stat%u", i);
		put(&desc, sizeof(desc), at);
		put(name, sizeof(name), at + sizeof(desc));
	}
	assert_int_equal(ftruncate(stats_fd, header.data_offset +
				   NR_STATS * sizeof(uint64_t)), 0);
}

static void stats_set(uint64_t value)
{
	const size_t data_bytes = NR_STATS * sizeof(uint64_t);
	off_t end = lseek(stats_fd, 0, SEEK_END);
	unsigned int i;

	for (i = 0; i < NR_STATS; i++)
		put(&value, sizeof(value), end - data_bytes + 8 * i);
}

/* Two snapshots and their difference; true if an allocation failed. */
static bool snapshots(struct kstat *k, struct kstat_sum *sum, long nth)
{
	struct kstat_snap *before, *after;

	stats_set(10);
	fail_at = nth;
	before = kstat_snap(k);
	stats_set(17);
	after = kstat_snap(k);
	kstat_sum_add(sum, before, after);
	kstat_snap_free(before);
	kstat_snap_free(after);
	return failed_one();
}

static void test_kstat(void **state)
{
	struct reason why;
	bool failed = true;
	long nth;

	stats_make();
	for (nth = 0; failed; nth++) {
		struct kstat *k = kstat_open(0, &stats_fd, 1, &why);
		struct kstat_sum sum = { 0 };
		unsigned int i;

		assert_non_null(k);
		failed = snapshots(k, &sum, nth);
		assert_int_equal(!failed, !kstat_error(k) && !sum.err);
		if (!failed)
			assert_int_equal(sum.nr, NR_STATS);
		/* VM and vCPU have the same file here, so each comes twice. */
		for (i = 0; !failed && i < sum.nr; i++)
			assert_int_equal(sum.counts[i].value, 2 * 7);
		kstat_sum_free(&sum);
		assert_int_equal(sum.err, 0);
		kstat_close(k);
	}
	assert_true(nth > 6);
	close(stats_fd);
}

/* ---- sums and their record ------------------------------------------------- */

/* Is a sum whose @nth allocation fails complete, or is its record INVALID? */
static bool recorded_sum(long nth)
{
	struct rec *r = rec_open(NULL, "a.b", NULL);
	struct kstat_sum sum = { 0 };
	enum verdict verdict;
	char name[16];
	bool failed;
	size_t i;

	fail_at = nth;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "c%zu", i);
		kstat_sum_count(&sum, name, 1 + i);
	}
	failed = failed_one();
	kstat_sum_record(r, "kvm.phase", &sum);
	/* The run line, and either all counters or what is wrong. */
	assert_int_equal(json_array_size(rec_lines(r)), failed ? 2 : 21);
	kstat_sum_free(&sum);
	assert_int_equal(rec_close(r, VERDICT_PASS, NULL, &verdict, NULL), 0);
	assert_int_equal(verdict, failed ? VERDICT_INVALID : VERDICT_PASS);
	return failed;
}

static void test_sums(void **state)
{
	long nth = 0;

	while (recorded_sum(nth))
		nth++;
	assert_int_equal(nth, 20);
}

/* ---- probes ----------------------------------------------------------------- */

#define ENGINE_STATS "/sys/module/kvm/parameters/mmu_stats"

static bool probed(long nth)
{
	static const struct probe_wish nothing = { .trace = "", .span = "" };
	struct probe_sum sums[PROBES_MAX] = { 0 };
	struct reason why = { "" };
	struct probe_set *set;
	bool failed, whole;
	unsigned int i;

	fixture_file(ENGINE_STATS, "map 10\nretry 3\n");
	fail_at = nth;
	set = probe_set_open(&nothing, &why);
	if (!set) {
		assert_true(failed_one());
		assert_int_equal(why.err, -ENOMEM);
		return true;
	}
	nth = fail_at;
	fail_at = -1;
	fixture_file(ENGINE_STATS, "map 15\nretry 3\naged 7\n");
	if (nth >= 0)
		fail_at = nth;
	probe_set_read(set, sums);
	failed = nth < 0 || failed_one();
	fail_at = -1;
	probe_set_close(set);
	whole = sums[0].counts.nr == 3 && sums[0].counts.counts[0].value == 5 &&
		sums[0].counts.counts[2].value == 7;
	assert_true(whole || (failed && sums[0].counts.err == -ENOMEM));
	for (i = 0; i < PROBES_MAX; i++)
		probe_sum_free(&sums[i]);
	return failed;
}

static void test_probes(void **state)
{
	long nth = 0;

	fixture_begin();
	while (probed(nth))
		nth++;
	fixture_end();
	assert_true(nth > 4);
}

/* ---- the record itself -------------------------------------------------------- */

static void write_events(struct rec *r)
{
	static const double x[] = { 1, 2 }, y[] = { .5, .25 };
	struct hist h;
	uint64_t v;

	hist_reset(&h);
	for (v = 1; v < 1000; v *= 3)
		hist_add(&h, v);
	rec_phase(r, "measure", 0, 1);
	rec_dist(r, "latency", &h, "ns", 1, BETTER_LOWER);
	rec_count(r, "pages", 7, "pages", BETTER_NONE);
	rec_value(r, "ratio", .5, "x", BETTER_HIGHER);
	rec_series(r, "curve", "round", "pages", x, y, 2);
	rec_check(r, "kept", true, "%u of %u", 3, 3);
	rec_note(r, "it is so");
	rec_line(r, "run", json_pack("{s:i}", "seed", 1));
}

/* Members of all lines, and of what they hold. */
static size_t count_parts(const json_t *j)
{
	const char *key;
	size_t sum = 1, i;
	json_t *v;

	if (json_is_object(j))
		json_object_foreach((json_t *)j, key, v)
			sum += count_parts(v);
	json_array_foreach(j, i, v)
		sum += count_parts(v);
	return sum;
}

/* Parts in the record that was written, 0 if none was and that was said. */
static size_t written(long nth)
{
	char path[200], dir[160];
	struct reason why = { "" };
	struct record *record;
	size_t parts;
	struct rec *r;
	int err;

	snprintf(dir, sizeof(dir), "%s/records", fixture_dir());
	snprintf(path, sizeof(path), "%s/a.b.jsonl", dir);
	unlink(path);
	fail_at = nth;
	r = rec_open(dir, "a.b", &why);
	if (r)
		write_events(r);
	err = r ? rec_close(r, VERDICT_PASS, "text", NULL, &why) : why.err;
	if (err) {
		assert_true(failed_one());
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(access(path, F_OK), -1);
		return 0;
	}
	nth = fail_at;
	fail_at = -1;
	record = record_read(path, &why);
	if (!record)
		fail_msg("%s", why.text);
	parts = count_parts(record->lines);
	record_free(record);
	fail_at = nth;
	return parts;
}

static void test_record(void **state)
{
	size_t whole, parts, nr_lost = 0;
	long nth = 0;

	fixture_begin();
	json_set_alloc_funcs(__wrap_malloc, free);
	whole = written(-1);
	assert_true(whole > 80);
	do {
		parts = written(nth++);
		nr_lost += !parts;
		if (parts && parts != whole)
			fail_msg("allocation %ld: %zu parts of %zu", nth,
				 parts, whole);
	} while (failed_one());
	json_set_alloc_funcs(malloc, free);
	fixture_end();
	assert_true(nr_lost > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kstat),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_record),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("u-nomem", tests, NULL, NULL);
}
