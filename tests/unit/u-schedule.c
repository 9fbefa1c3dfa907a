// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a schedule come back as it was written, and is a damaged file refused
 * with one clear sentence?
 *
 * Method: a round trip, a table of objections, every possible cut of a sound
 * file, and some thousand random mutations, under the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/rng.h"
#include "record/schedule.h"

#define HEAD "mmubench-schedule 1\nhands 2\nagents discard log\ndropped 0\n"

static char dir[] = "/tmp/u-schedule-XXXXXX", path[sizeof(dir) + 8];

static void store(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static const struct {
	const char *text;
	const char *objection;	/* NULL: sound */
} rows[] = {
	{ HEAD "end 0\n", NULL },
	{ HEAD "b 0 1 ff 3\ne 0 4\nq 9\nend 3\n", NULL },
	{ HEAD "b 0 1 ff 3\nb 1 0 0 3\nend 2\n", NULL },
	{ "", "line 1: it is cut off" },
	{ "hello\n", "line 1: it is no schedule of this version" },
	{ "{\"type\":\"run\"}\n", "no schedule" },
	{ "mmubench-schedule 2\n", "of this version" },
	{ HEAD, "line 5: it is cut off" },
	{ HEAD "b 0 1 ff 3\nend 1", "line 6: it is cut off" },
	{ HEAD "b 0 1 ff 3\nend 2\n", "lines are missing" },
	{ HEAD "b 2 1 ff 3\nend 1\n", "no such hand" },
	{ HEAD "b 300 1 ff 3\nend 1\n", "line 5: it is damaged" },
	{ HEAD "b 0 2 ff 3\nend 1\n", "no such agent" },
	{ HEAD "b 0 1 ff 3\nb 0 1 ff 3\nend 2\n", "line 6: the hand's last step has not ended" },
	{ HEAD "e 1 3\nend 1\n", "the hand has begun no step" },
	{ HEAD "b 0 1 zz 3\nend 1\n", "line 5: it is damaged" },
	{ HEAD "b 0 1 ff\nend 1\n", "line 5: it is damaged" },
	{ HEAD "x\nend 1\n", "line 5: it is damaged" },
	{ HEAD "end 0\nq 1\n", "line 6: it is damaged" },
	{ "mmubench-schedule 1\nhands 0\n", "line 2: the number of hands is damaged" },
	{ "mmubench-schedule 1\nhands 99\n", "line 2: the number of hands" },
	{ "mmubench-schedule 1\nhands 2\ndropped 0\n", "line 3: the list of agents is missing" },
	{ "mmubench-schedule 1\nhands 2\nagents a  b\n", "line 3: the list of agents is damaged" },
	{ "mmubench-schedule 1\nhands 2\nagents a\ndropped x\n", "line 4: the number of dropped events" },
};

static void objects_as_it_should(void **state)
{
	struct reason why;
	struct schedule s;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		store(rows[i].text, strlen(rows[i].text));
		if (!rows[i].objection) {
			assert_int_equal(schedule_read(path, &s, &why), 0);
			schedule_free(&s);
			continue;
		}
		assert_true(schedule_read(path, &s, &why) < 0);
		assert_int_equal(why.ending, ENDING_USAGE);
		if (!strstr(why.text, rows[i].objection))
			fail_msg("row %zu: %s", i, why.text);
		assert_null(s.events);
	}
	assert_true(schedule_read("/nowhere/at/all", &s, &why) < 0);
	assert_int_equal(why.ending, ENDING_USAGE);
}

static void fill(struct schedule *s)
{
	unsigned int i;

	*s = (struct schedule){ .nr_hands = 3, .nr_agents = 2, .dropped = 5 };
	strcpy(s->agents[0], "discard");
	strcpy(s->agents[1], "slot_readonly");
	s->events = calloc(SCHEDULE_MAX_EVENTS, sizeof(*s->events));
	for (i = 0; i < 600; i += 3) {
		s->events[i] = (struct schedule_event){
			.rng = -1ull / (i + 1), .us = i, .hand = i % 2,
			.agent = i % 2, .what = SCHEDULE_BEGIN,
		};
		s->events[i + 1] = (struct schedule_event){
			.us = i + 1, .hand = i % 2, .what = SCHEDULE_END,
		};
		s->events[i + 2] = (struct schedule_event){
			.us = UINT32_MAX - i, .what = SCHEDULE_QUIET,
		};
	}
	s->nr = i;
}

static void comes_back_as_written(void **state)
{
	struct schedule s, got;
	struct reason why;
	size_t i;

	fill(&s);
	assert_int_equal(schedule_write(dir, "s", &s, &why), 0);
	assert_int_equal(schedule_read(path, &got, &why), 0);
	assert_int_equal(got.nr_hands, 3);
	assert_int_equal(got.nr_agents, 2);
	assert_string_equal(got.agents[1], "slot_readonly");
	assert_true(got.dropped == 5);
	assert_int_equal(got.nr, s.nr);
	for (i = 0; i < s.nr; i++)
		assert_memory_equal(&got.events[i], &s.events[i],
				    sizeof(s.events[i]));
	schedule_free(&got);
	schedule_free(&s);
	assert_int_equal(schedule_write("/nowhere/at/all", "s", &s, &why) < 0, 1);
}

/* Cut anywhere, or changed at random: refused, or at least sound in itself. */
static void survives_damage(void **state)
{
	static const char sound[] = HEAD "b 0 1 ff 3\nb 1 0 1 4\ne 0 5\nq 9\nend 4\n";
	char text[sizeof(sound)];
	struct reason why;
	struct schedule s;
	uint64_t rng = 3;
	size_t i;

	for (i = 0; i < sizeof(sound) - 1; i++) {
		store(sound, i);
		assert_true(schedule_read(path, &s, &why) < 0);
	}
	for (i = 0; i < 3000; i++) {
		memcpy(text, sound, sizeof(sound));
		text[rng_next(&rng) % (sizeof(sound) - 1)] = rng_next(&rng);
		text[rng_next(&rng) % (sizeof(sound) - 1)] = rng_next(&rng) % 128;
		store(text, sizeof(sound) - 1);
		if (!schedule_read(path, &s, &why))
			schedule_free(&s);
		else
			assert_int_equal(why.ending, ENDING_USAGE);
	}
}

static int make_dir(void **state)
{
	int ret = mkdtemp(dir) ? 0 : -1;

	snprintf(path, sizeof(path), "%s/s", dir);
	return ret;
}

static int remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_as_it_should),
		cmocka_unit_test(comes_back_as_written),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests_name("schedule", tests, make_dir,
					   remove_dir);
}
