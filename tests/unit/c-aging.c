// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does every aging backend keep the contract of aging/aging.h?
 *
 * Method: each member gets a made-up host of files that answer as the kernel
 * does; "used" pages are played by changing these files between passes.  The
 * same checks run over all members of the registry; a member without a
 * made-up host fails.  What only a kernel can answer is in the scenarios.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "aging/aging.h"
#include "aging/lru_gen.h"
#include "host/host.h"
#include "fixture.h"

#define NR_PAGES 200u
#define BITMAP "/sys/kernel/mm/page_idle/bitmap"

static struct gpages span;

/* ---- a host with idle page tracking ------------------------------------------- */

/*
 * Frames as a host has them: not in order, not adjacent, one huge page of 64
 * frames, one page swapped out, one on no list.
 */
#define SWAPPED 7u
#define NO_LIST 9u
#define HUGE_FIRST 100u		/* pages 100..163 are one huge page */
#define HUGE_PFN 0x1200u

static uint64_t frame_of(unsigned int page)
{
	if (page >= HUGE_FIRST && page < HUGE_FIRST + 64)
		return HUGE_PFN + page - HUGE_FIRST;
	return page % 2 ? 0x9000 + 3 * page : 0x500 - page;
}

/* The frame whose idle bit stands for the page. */
static uint64_t bit_of(unsigned int page)
{
	if (page >= HUGE_FIRST && page < HUGE_FIRST + 64)
		return HUGE_PFN;
	return frame_of(page);
}

static void put_u64(const char *path, uint64_t index, uint64_t value)
{
	char full[200];
	int fd;

	snprintf(full, sizeof(full), "%s%s", fixture_dir(), path);
	fd = open(full, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &value, 8, index * 8), 8);
	close(fd);
}

static uint64_t get_u64(const char *path, uint64_t index)
{
	char full[200];
	uint64_t value = 0;
	int fd;

	snprintf(full, sizeof(full), "%s%s", fixture_dir(), path);
	fd = open(full, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &value, 8, index * 8), 8);
	close(fd);
	return value;
}

static void idle_host(void)
{
	unsigned int i;

	fixture_file("/proc/self/pagemap", "");
	fixture_file("/proc/kpageflags", "");
	fixture_file(BITMAP, "");
	for (i = 0; i < NR_PAGES; i++) {
		uint64_t flags = 1 << 5;

		if (i == NO_LIST)
			flags = 0;
		if (bit_of(i) != frame_of(i))
			flags = 1 << 16;
		else if (i == HUGE_FIRST)
			flags |= 1 << 15;
		put_u64("/proc/kpageflags", frame_of(i), flags);
		put_u64("/proc/self/pagemap", (uintptr_t)span.hva / 4096 + i,
			i == SWAPPED ? 1ull << 62 | 0x777 :
				       1ull << 63 | frame_of(i));
	}
	/* Memory ends in a word of its own. */
	put_u64(BITMAP, 0xa000 / 64, 0);
}

static void idle_use(unsigned int page)
{
	uint64_t word = bit_of(page) / 64;

	put_u64(BITMAP, word, get_u64(BITMAP, word) &
		~(1ull << bit_of(page) % 64));
}

/* ---- a host with multi-gen LRU ---------------------------------------------------- */

#define LRU_GEN "/sys/kernel/debug/lru_gen"

static unsigned int mglru_young;

/* What the kernel would answer after it has aged generation 7. */
static void mglru_dump(void)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "memcg     1 /\n node     0\n        0  5  1  1 \n"
		 "memcg    42 /jobs/mmubench-unit-1\n node     0\n"
		 " %10u %10u %10u  %10u \n %10u %10u %10u  %10u \n"
		 " %10u %10u %10u  %10u \n"
		 "memcg    43 /jobs/mmubench-unit-10\n node     0\n"
		 " %10u %10u %10u  %10u \n",
		 5, 900, NR_PAGES / 2, 0, 6, 800,
		 NR_PAGES - NR_PAGES / 2 - mglru_young, 0, 7, 700, mglru_young, 0,
		 1, 900, 5555, 5555);
	fixture_file(LRU_GEN, text);
}

static void mglru_host(void)
{
	fixture_file("/proc/self/cgroup", "0::/jobs/mmubench-unit-1\n");
	fixture_file("/sys/kernel/mm/lru_gen/enabled", "0x0007\n");
	mglru_young = 0;
	mglru_dump();
}

static void mglru_use(unsigned int page)
{
	(void)page;
	mglru_young++;
	mglru_dump();
}

/* A plain file keeps the commands behind the dump. */
static void mglru_end(void)
{
	assert_non_null(strstr(fixture_text(LRU_GEN), "\n+ 42 0 7 1 1\n"));
}

/* ---- a host with DAMON ---------------------------------------------------------------- */

#define KDAMONDS "/sys/kernel/mm/damon/admin/kdamonds/"
#define CONTEXT KDAMONDS "0/contexts/0/"

static unsigned int damon_used;

static void damon_total(int scheme, unsigned int pages)
{
	char path[200], text[32];

	snprintf(path, sizeof(path),
		 CONTEXT "schemes/%d/tried_regions/total_bytes", scheme);
	snprintf(text, sizeof(text), "%u\n", pages * 4096);
	fixture_file(path, text);
}

static void damon_host(void)
{
	static const char *const files[] = {
		"../nr_contexts", "operations",
		"monitoring_attrs/intervals/sample_us",
		"monitoring_attrs/intervals/aggr_us",
		"monitoring_attrs/intervals/update_us", "targets/nr_targets",
		"targets/0/pid_target", "targets/0/regions/nr_regions",
		"targets/0/regions/0/start", "targets/0/regions/0/end",
		"schemes/nr_schemes",
	};
	static const char *const pattern[] = {
		"action", "access_pattern/sz/min", "access_pattern/sz/max",
		"access_pattern/age/min", "access_pattern/age/max",
		"access_pattern/nr_accesses/min",
		"access_pattern/nr_accesses/max",
	};
	char path[200];
	size_t i;

	fixture_file(KDAMONDS "nr_kdamonds", "0\n");
	fixture_file(KDAMONDS "0/state", "off\n");
	fixture_file(CONTEXT "x", "");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), CONTEXT "%s", files[i]);
		fixture_file(path, "0\n");
	}
	for (i = 0; i < 14; i++) {
		snprintf(path, sizeof(path), CONTEXT "schemes/%zu/%s", i / 7,
			 pattern[i % 7]);
		fixture_file(path, "0\n");
	}
	damon_used = 0;
	damon_total(0, 0);
	damon_total(1, NR_PAGES);
}

static void damon_use(unsigned int page)
{
	(void)page;
	damon_total(0, ++damon_used);
	damon_total(1, NR_PAGES - damon_used);
}

static void damon_end(void)
{
	char want[32];

	assert_string_equal(fixture_text(KDAMONDS "0/state"), "off");
	assert_string_equal(fixture_text(KDAMONDS "nr_kdamonds"), "0");
	assert_string_equal(fixture_text(CONTEXT "operations"), "fvaddr");
	snprintf(want, sizeof(want), "%llu",
		 (unsigned long long)(uintptr_t)span.hva + NR_PAGES * 4096);
	assert_string_equal(fixture_text(CONTEXT "targets/0/regions/0/end"),
			    want);
}

/* ---- the same checks for all --------------------------------------------------------------- */

static void nothing(void)
{
}

static void use_nothing(unsigned int page)
{
	(void)page;
}

static const struct member {
	const char *name;
	void (*host)(void);	/* make the files of the made-up host */
	void (*use)(unsigned int page);	/* a page was used since the last pass */
	void (*end)(void);	/* check what is left after close() */
	int blind;		/* finds nothing, on purpose */
	unsigned int unknown;	/* pages of this host it cannot judge */
} members[] = {
	{ "page_idle", idle_host, idle_use, nothing, 0, 2 },
	{ "mglru", mglru_host, mglru_use, mglru_end, 0, 0 },
	{ "damon", damon_host, damon_use, damon_end, 0, 0 },
	{ "null", nothing, use_nothing, nothing, 1, NR_PAGES },
};

static const struct member *find_member(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!strcmp(members[i].name, name))
			return &members[i];
	fail_msg("aging backend %s has no made-up host", name);
	return NULL;
}

static int begin(void **state)
{
	static char dir[128];

	fixture_begin();
	snprintf(dir, sizeof(dir), "%s/state", fixture_dir());
	setenv("MMUBENCH_STATE", dir, 1);
	span.nr_pages = NR_PAGES;
	span.hva = mmap(NULL, NR_PAGES * 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return span.hva == MAP_FAILED;
}

static int end(void **state)
{
	host_pop_all();
	fixture_end();
	return munmap(span.hva, NR_PAGES * 4096);
}

static void check_map(const struct aging_result *res)
{
	uint64_t count[3] = { 0 };
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		assert_true(res->class_map[i] <= AGING_UNKNOWN);
		count[res->class_map[i]]++;
	}
	assert_int_equal(count[AGING_YOUNG], res->young_pages);
	assert_int_equal(count[AGING_OLD], res->old_pages);
	assert_int_equal(count[AGING_UNKNOWN], res->unknown_pages);
}

static void pass(struct aging *a, struct aging_result *res,
		 const struct member *m, unsigned int young)
{
	struct reason why = { "" };

	if (aging_pass(a, &span, res, &why))
		fail_msg("%s: %s", a->ops->name, why.text);
	assert_int_equal(res->young_pages + res->old_pages + res->unknown_pages,
			 NR_PAGES);
	assert_int_equal(res->unknown_pages, m->unknown);
	if (!m->blind)
		assert_int_equal(res->young_pages, young);
	if (a->ops->caps & AGING_PER_PAGE)
		check_map(res);
}

static void one_member(const struct aging_ops *ops)
{
	const struct member *m = find_member(ops->name);
	uint8_t map[NR_PAGES];
	struct aging_result res = { .class_map = map };
	struct reason why = { "" };
	struct aging a;

	print_message("# %s: %s\n", ops->name, ops->summary);
	m->host();
	if (aging_open(&a, ops, &why))
		fail_msg("%s: %s", ops->name, why.text);
	/* The first pass arms; what it says about the past is not checked. */
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	pass(&a, &res, m, 0);
	m->use(3);
	m->use(20);
	pass(&a, &res, m, 2);
	if (!m->blind && ops->caps & AGING_PER_PAGE) {
		assert_int_equal(map[3], AGING_YOUNG);
		assert_int_equal(map[20], AGING_YOUNG);
		assert_int_equal(map[4], AGING_OLD);
	}
	aging_close(&a);
	assert_null(a.ops);
	m->end();
}

static void conformance(void **state)
{
	unsigned int i;

	for (i = 0; aging_members[i]; i++) {
		if (i) {
			end(NULL);
			begin(NULL);
		}
		one_member(aging_members[i]);
	}
}

/* On a host that has nothing, all but the null member say what is missing. */
static void probing_an_empty_host(void **state)
{
	struct reason why;
	struct aging a;
	unsigned int i;

	for (i = 0; aging_members[i]; i++) {
		const struct aging_ops *ops = aging_members[i];

		assert_true(ops->name && ops->summary && ops->probe && ops->pass);
		why.text[0] = '\0';
		if (!(ops->caps & AGING_REAL)) {
			assert_int_equal(ops->probe(&why), 0);
			continue;
		}
		assert_true(ops->probe(&why) < 0);
		assert_true(why.text[0] != '\0');
		assert_int_equal(why.ending, ENDING_SKIP);
		assert_true(aging_open(&a, ops, &why) < 0);
		assert_null(a.ops);
	}
}

static void finding(void **state)
{
	struct reason why = { "" };

	assert_null(aging_choose("auto", 0, &why));
	assert_string_equal(why.text, AGING_NONE_REASON);
	assert_null(aging_find("idle_page", &why));
	assert_non_null(strstr(why.text, "page_idle"));
	assert_ptr_equal(aging_find("null", &why)->name,
			 aging_choose("null", AGING_PER_PAGE, &why)->name);
	assert_null(aging_choose("mglru", AGING_PER_PAGE, &why));
	idle_host();
	assert_string_equal(aging_choose("auto", 0, &why)->name, "page_idle");
	fixture_file("/sys/kernel/mm/lru_gen/enabled", "0x0007\n");
	fixture_file("/sys/kernel/debug/lru_gen", "");
	assert_string_equal(aging_choose("auto", 0, &why)->name, "mglru");
	assert_string_equal(aging_choose("auto", AGING_PER_PAGE, &why)->name,
			    "page_idle");
	fixture_file("/sys/kernel/mm/lru_gen/enabled", "0x0000\n");
	assert_string_equal(aging_choose("auto", 0, &why)->name, "page_idle");
}

/* ---- what is special about each ------------------------------------------------------------ */

static void huge_pages_share_a_bit(void **state)
{
	uint8_t map[NR_PAGES];
	struct aging_result res = { .class_map = map };
	struct reason why = { "" };
	struct aging a;
	unsigned int i;

	idle_host();
	assert_int_equal(aging_open(&a, aging_find("page_idle", &why), &why),
			 0);
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	/* Only the head's bit was written: tails have none. */
	assert_int_equal(get_u64(BITMAP, HUGE_PFN / 64), 1);
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	idle_use(HUGE_FIRST + 33);
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	assert_int_equal(res.young_pages, 64);
	for (i = 0; i < NR_PAGES; i++)
		if (i != SWAPPED && i != NO_LIST)
			assert_int_equal(map[i],
					 i >= HUGE_FIRST && i < HUGE_FIRST + 64 ?
					 AGING_YOUNG : AGING_OLD);
	assert_int_equal(map[SWAPPED], AGING_UNKNOWN);
	assert_int_equal(map[NO_LIST], AGING_UNKNOWN);
	aging_close(&a);
}

/* The span begins inside a huge page: its head is not one of ours. */
static void span_inside_huge_page(void **state)
{
	struct gpages part = span;
	uint8_t map[NR_PAGES];
	struct aging_result res = { .class_map = map };
	struct reason why = { "" };
	struct aging a;

	idle_host();
	part.hva = (char *)span.hva + (HUGE_FIRST + 5) * 4096;
	part.nr_pages = 40;
	assert_int_equal(aging_open(&a, aging_find("page_idle", &why), &why),
			 0);
	assert_int_equal(aging_pass(&a, &part, &res, &why), 0);
	assert_int_equal(aging_pass(&a, &part, &res, &why), 0);
	assert_int_equal(res.old_pages, 40);
	idle_use(HUGE_FIRST);
	assert_int_equal(aging_pass(&a, &part, &res, &why), 0);
	assert_int_equal(res.young_pages, 40);
	aging_close(&a);
}

/* The kernel answers the last word short when memory ends inside it. */
static void partial_last_word(void **state)
{
	struct aging_result res = { 0 };
	struct reason why = { "" };
	char full[200];
	struct aging a;
	unsigned int i, behind = 0;
	uint64_t end_pfn = 0x9000 + 3 * 151;

	idle_host();
	assert_int_equal(aging_open(&a, aging_find("page_idle", &why), &why),
			 0);
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	snprintf(full, sizeof(full), "%s%s", fixture_dir(), BITMAP);
	assert_int_equal(truncate(full, end_pfn / 64 * 8), 0);
	for (i = 0; i < NR_PAGES; i++)
		behind += bit_of(i) / 64 >= end_pfn / 64 && i != SWAPPED &&
			  i != NO_LIST;
	assert_true(behind > 0);
	assert_int_equal(aging_pass(&a, &span, &res, &why), 0);
	assert_int_equal(res.unknown_pages, 2 + behind);
	assert_int_equal(res.old_pages, NR_PAGES - 2 - behind);
	aging_close(&a);
}

static const struct {
	const char *name, *text;
	int result;
	uint64_t newest, since_newest, all;
} dumps[] = {
	{ "two nodes, first counts",
	  "memcg  9 /a\n node 0\n 4 100 10 1\n 5 50 20 2\n node 1\n 4 1 7 7\n",
	  0, 5, 22, 33 },
	{ "other cgroups before and after",
	  "memcg  1 /\n node 0\n 1 1 1 1\nmemcg  9 /a\n node 0\n 4 100 10 1\n"
	  "memcg  7 /a/b\n node 0\n 6 1 1 1\n", 0, 4, 11, 11 },
	{ "not there", "memcg  9 /b\n node 0\n 4 100 10 1\n", -ENOENT, 0, 0, 0 },
	{ "empty", "", -ENOENT, 0, 0, 0 },
	{ "no generations", "memcg  9 /a\n node 0\n", -ENOENT, 0, 0, 0 },
	{ "a generation without a node", "memcg  9 /a\n 4 100 10 1\n", -EBADMSG,
	  0, 0, 0 },
	{ "too many generations",
	  "memcg  9 /a\n node 0\n 1 1 1 1\n 2 1 1 1\n 3 1 1 1\n 4 1 1 1\n"
	  " 5 1 1 1\n 6 1 1 1\n 7 1 1 1\n 8 1 1 1\n 9 1 1 1\n", -E2BIG, 0, 0, 0 },
};

static void generation_dumps(void **state)
{
	struct lru_gens g;
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		f = *dumps[i].text ?
		    fmemopen((char *)dumps[i].text, strlen(dumps[i].text), "r") :
		    fopen("/dev/null", "r");
		print_message("# %s\n", dumps[i].name);
		assert_int_equal(lru_gen_parse(f, "/a", &g), dumps[i].result);
		fclose(f);
		if (dumps[i].result)
			continue;
		assert_int_equal(g.memcg_id, 9);
		assert_int_equal(lru_gen_newest(&g.nodes[0]), dumps[i].newest);
		assert_int_equal(lru_gen_pages_since(&g.nodes[0],
						     dumps[i].newest),
				 dumps[i].since_newest);
		assert_int_equal(lru_gen_pages_since(&g.nodes[0], 0),
				 dumps[i].all);
	}
}

static void mglru_needs_its_own_cgroup(void **state)
{
	struct reason why = { "" };
	struct aging a;

	fixture_file("/proc/self/cgroup", "0::/user.slice\n");
	fixture_file("/sys/kernel/mm/lru_gen/enabled", "0x0007\n");
	fixture_file("/sys/kernel/debug/lru_gen", "");
	assert_int_equal(aging_open(&a, aging_find("mglru", &why), &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "cgroup of its own"));
}

static void damon_in_use_is_left_alone(void **state)
{
	struct reason why = { "" };
	struct aging a;

	damon_host();
	fixture_file(KDAMONDS "nr_kdamonds", "1\n");
	assert_int_equal(aging_open(&a, aging_find("damon", &why), &why),
			 -EBUSY);
	assert_string_equal(fixture_text(KDAMONDS "nr_kdamonds"), "1\n");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(conformance), T(probing_an_empty_host), T(finding),
		T(huge_pages_share_a_bit), T(span_inside_huge_page),
		T(partial_last_word), T(generation_dumps),
		T(mglru_needs_its_own_cgroup), T(damon_in_use_is_left_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aging", tests, NULL, NULL);
}
