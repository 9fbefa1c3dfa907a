// SPDX-License-Identifier: GPL-2.0-only
/* What sinks make of the sample run, see output.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "output.h"
#include "sample.h"

char output_dir[40];
struct recset output_run;

int output_setup(void **state)
{
	const struct sample_tweak plain = {};
	struct reason why;

	if (!sample_tmpdir(output_dir) || sample_run(output_dir, &plain))
		return -1;
	return recset_load(&output_run, output_dir, &why);
}

int output_teardown(void **state)
{
	recset_free(&output_run);
	sample_rmdir(output_dir);
	return 0;
}

char *output(const struct sink_ops *ops, const struct recset *set)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(sink_write(ops, set, f, NULL), 0);
	fclose(f);
	assert_int_equal(strlen(text), len);
	return text;
}

char *output_of(const char *name)
{
	const struct sink_ops *ops = sink_find(name, NULL);

	assert_non_null(ops);
	return output(ops, &output_run);
}

char *output_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (!*line)
		return NULL;
	/* Every line is ended. */
	assert_non_null(end);
	*end = 0;
	*text = end + 1;
	return line;
}
