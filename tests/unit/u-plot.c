// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does every picture come with its data and script, is it whole, and does
 * the script draw it again by hand?
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "plot/plot.h"
#include "record/rec.h"
#include "sample.h"

static char dir[40];
static bool no_gnuplot;

static int setup(void **state)
{
	const struct sample_tweak plain = {};
	unsigned int v;

	no_gnuplot = system("gnuplot --version >/dev/null 2>&1") != 0;
	if (!sample_tmpdir(dir) || sample_run(dir, &plain))
		return -1;
	/* A sweep over vCPUs, and a name that gnuplot could take for code. */
	for (v = 1; v <= 4; v *= 2) {
		struct hist *h = calloc(1, sizeof(*h));
		char path[60], name[60];
		struct rec *r;
		int i;

		snprintf(path, sizeof(path), "%s/host", dir);
		snprintf(name, sizeof(name), "fast_pf.sweep.vcpus%u", v);
		r = rec_open(path, name, NULL);
		for (i = 0; i < 1000; i++)
			hist_add(h, 1000 * v + i);
		rec_dist(r, "odd`$(touch\"'name", h, "us", 1, BETTER_LOWER);
		rec_close(r, VERDICT_PASS, NULL, NULL, NULL);
		free(h);
	}
	return 0;
}

static int teardown(void **state)
{
	sample_rmdir(dir);
	return 0;
}

/* The first line of @name.tsv that has @text, or whether there is any. */
static bool tsv_has(const char *path, const char *text)
{
	char line[500];
	bool found = false;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, text);
	fclose(f);
	return found;
}

static void test_pictures(void **state)
{
	char out[60], path[400], stem[300];
	unsigned int pictures = 0, emulated = 0, sweeps = 0;
	struct dirent *e;
	struct reason why;
	struct stat st;
	int nr;
	DIR *d;

	if (no_gnuplot)
		skip();
	nr = plot_run(dir, NULL, NULL, &why);
	if (nr <= 0)
		fail_msg("%d: %s", nr, why.text);
	snprintf(out, sizeof(out), "%s/plots", dir);
	d = opendir(out);
	while ((e = readdir(d))) {
		static const char *const endings[] = { "svg", "gp", "tsv" };
		char *dot = strrchr(e->d_name, '.');
		unsigned int i;

		assert_null(strstr(e->d_name, ".tmp"));
		if (!dot || strcmp(dot, ".png"))
			continue;
		pictures++;
		emulated += !strncmp(e->d_name, "emu", 3);
		sweeps += !!strstr(e->d_name, "-by-vcpus");
		snprintf(stem, sizeof(stem), "%.*s", (int)(dot - e->d_name),
			 e->d_name);
		for (i = 0; i < 3; i++) {
			snprintf(path, sizeof(path), "%s/%s.%s", out, stem,
				 endings[i]);
			assert_int_equal(stat(path, &st), 0);
			assert_true(st.st_size > 100 || i == 2);
		}
	}
	closedir(d);
	assert_int_equal(pictures, nr);
	/* Latencies of an emulator's wall clock are not drawn. */
	assert_int_equal(emulated, 1);
	assert_int_equal(sweeps, 1);
	snprintf(path, sizeof(path), "%s/host-dirty_log.precopy-dirty_pages-over-round.tsv",
		 out);
	assert_true(tsv_has(path, "2\t14000\t14000\n"));
	/* Between two bins lie no latencies: a slope would show some. */
	snprintf(path, sizeof(path), "%s/host-fast_pf-latency-percentiles.gp", out);
	assert_true(tsv_has(path, "with steps"));
}

static void test_script_runs_by_hand(void **state)
{
	char command[600], path[200];
	struct stat st;

	if (no_gnuplot)
		skip();
	assert_true(plot_run(dir, NULL, NULL, NULL) > 0);
	snprintf(command, sizeof(command),
		 "cd %s/plots && gnuplot -c host-fast_pf-latency-histogram.gp host-fast_pf-latency-histogram.tsv mine.png png",
		 dir);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/plots/mine.png", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 1000);
}

static void test_histogram_data_adds_up(void **state)
{
	unsigned long long count, sum = 0;
	char path[200], line[300];
	double from, drawn;
	FILE *f;

	if (no_gnuplot)
		skip();
	assert_true(plot_run(dir, NULL, NULL, NULL) > 0);
	snprintf(path, sizeof(path),
		 "%s/plots/amd-npt-fast_pf.map-latency-histogram.tsv", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	/* Two distributions of 3000 and 2000, and a marker of 1 for each. */
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lf %llu %lf\n", &from, &count, &drawn) == 3)
			sum += count;
	fclose(f);
	assert_int_equal(sum, 3000 + 2000 + 2);
}

/* Records are passed around: no text in one is run, no number hangs. */
static void test_hostile_record(void **state)
{
	static const char text[] =
		"{\"type\":\"run\",\"schema\":1,\"case\":\"a.b\",\"uuid\":\"u\",\"time\":\"2026-01-01T00:00:00Z\",\"place\":\"host\",\"emulator\":\"none\",\"clock\":\"wall\"}\n"
		"{\"type\":\"series\",\"name\":\"c\",\"x_name\":\"`id>ran`\",\"unit\":\"ns\",\"x\":[1,2,-1e308],\"y\":[1e308,2,5]}\n"
		"{\"type\":\"series\",\"name\":\"d\",\"x_name\":\"x\",\"unit\":\"ns\",\"x\":[1,2],\"y\":[1e29,2]}\n"
		"{\"type\":\"dist\",\"name\":\"e\",\"unit\":\"ns\",\"better\":\"none\",\"scale\":1e308,\"n\":30,\"lg2_sub\":6,\"min\":2,\"max\":2,\"sum\":60,\"bins\":[[2,30]]}\n"
		"{\"type\":\"verdict\",\"verdict\":\"pass\"}\n";
	char own[40], path[100], command[200];
	struct reason why;
	FILE *f;
	int nr;

	if (no_gnuplot)
		skip();
	assert_non_null(sample_tmpdir(own));
	snprintf(path, sizeof(path), "%s/a.b.jsonl", own);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(plot_run(path, NULL, NULL, &why), -EINVAL);
	assert_int_equal(why.ending, ENDING_USAGE);
	assert_non_null(strstr(why.text, "--out"));
	nr = plot_run(own, NULL, NULL, &why);
	if (nr != 2)
		fail_msg("%d: %s", nr, why.text);
	/* Neither while drawing nor by the script's words for its user. */
	snprintf(command, sizeof(command),
		 "cd %s/plots && for g in *.gp; do gnuplot -c $g 2>/dev/null; done; ! ls ../ran ran 2>/dev/null",
		 own);
	assert_int_equal(system(command), 0);
	assert_int_not_equal(access("ran", F_OK), 0);
	sample_rmdir(own);
}

static void test_errors(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct reason why;

	assert_int_equal(plot_run("/nonexistent", NULL, NULL, &why), -ENOENT);
	assert_int_equal(why.ending, ENDING_USAGE);
	assert_non_null(strstr(why.text, "/nonexistent"));
	assert_true(plot_run(dir, "/proc/nothing", NULL, &why) < 0);
	assert_int_equal(why.ending, ENDING_USAGE);
	assert_non_null(strstr(why.text, "/proc/nothing"));
	setenv("PATH", "/nonexistent", 1);
	assert_int_equal(plot_run(dir, NULL, NULL, &why), -EOPNOTSUPP);
	assert_int_equal(why.ending, ENDING_SKIP);
	assert_non_null(strstr(why.text, "gnuplot-nox"));
	setenv("PATH", path, 1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_script_runs_by_hand),
		cmocka_unit_test(test_histogram_data_adds_up),
		cmocka_unit_test(test_hostile_record),
		cmocka_unit_test(test_errors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plot", tests, setup, teardown);
}
