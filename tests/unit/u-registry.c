// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is every family of plug-ins listed and found in the one way of
 * base/registry.h, and does an unknown name get a useful sentence?
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "aging/aging.h"
#include "base/registry.h"
#include "dirty/dirty.h"
#include "payload/payload.h"
#include "probe/probe.h"
#include "sink/sink.h"

static const struct family {
	const char *what;
	const void *members;
	unsigned int at_least;
} families[] = {
	{ "aging", aging_members, 4 },	   { "dirty", dirty_members, 4 },
	{ "payload", payload_members, 6 }, { "probe", probe_members, 3 },
	{ "sink", sink_members, 10 },
};

#define NR_FAMILIES (sizeof(families) / sizeof(families[0]))

/* Names are words that an option can take, and no two are the same. */
static void check_member(const struct family *f, unsigned int i)
{
	const struct registry_head *m = registry_at(f->members, i);
	struct reason why;
	unsigned int j;

	if (!m->name || !*m->name ||
	    m->name[strspn(m->name, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		fail_msg("%s: '%s' is no name", f->what, m->name);
	if (!m->summary || !*m->summary || strchr(m->summary, '\n'))
		fail_msg("%s: %s has no summary of one line", f->what, m->name);
	for (j = 0; j < i; j++)
		assert_string_not_equal(registry_at(f->members, j)->name,
					m->name);
	assert_ptr_equal(registry_find(f->members, f->what, m->name, &why), m);
}

static void test_members(void **state)
{
	unsigned int f, i;

	for (f = 0; f < NR_FAMILIES; f++) {
		for (i = 0; registry_at(families[f].members, i); i++)
			check_member(&families[f], i);
		if (i < families[f].at_least)
			fail_msg("%s: %u members", families[f].what, i);
		assert_null(registry_at(families[f].members, i + 1));
	}
}

/* One sentence: what there is not, what there is, what was probably meant. */
static void test_unknown(void **state)
{
	const struct registry_head *m;
	struct reason why;
	unsigned int f, i;

	for (f = 0; f < NR_FAMILIES; f++) {
		assert_null(registry_find(families[f].members, families[f].what,
					  "nonesuch", &why));
		assert_int_equal(why.err, -EINVAL);
		assert_non_null(strstr(why.text, families[f].what));
		assert_non_null(strstr(why.text, "'nonesuch'; "));
		for (i = 0; (m = registry_at(families[f].members, i)); i++)
			if (!strstr(why.text, m->name))
				fail_msg("%s is not in: %s", m->name, why.text);
	}
	assert_null(payload_find("zpif", &why));
	assert_non_null(strstr(why.text,
			       "there is no payload 'zpif' (did you mean 'zipf'?); choose one of seq, "));
	assert_null(sink_find("humna", &why));
	assert_non_null(strstr(why.text, "(did you mean 'human'?)"));
	assert_null(dirty_find("rnig", &why));
	assert_non_null(strstr(why.text, "(did you mean 'ring'?)"));
	assert_null(aging_find("idle_page", &why));
	assert_non_null(strstr(why.text, "page_idle"));
	assert_null(payload_find("", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_unknown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("u-registry", tests, NULL, NULL);
}
