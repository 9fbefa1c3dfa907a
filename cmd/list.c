// SPDX-License-Identifier: GPL-2.0-only
/* mmubench list: which scenarios are there? */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"

struct list_args {
	bool json;
};

static const struct opt list_opts[] = {
	{ .name = "json", .type = OPT_FLAG,
	  .offset = offsetof(struct list_args, json),
	  .help = "print a JSON array instead of text" },
	OPT_END
};

static void print_json(const struct scenarios *s, const bool *chosen)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < s->nr; i++) {
		if (chosen[i])
			json_array_append_new(all, json_pack("{s:s, s:s, s:s}",
				"case", s->v[i].name, "summary",
				s->v[i].summary, "program",
				s->v[i].program->path));
	}
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

static void print_text(const struct scenarios *s, const bool *chosen)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		if (chosen[i])
			printf("%-38s %s\n", s->v[i].name, s->v[i].summary);
	}
}

int cmd_list(int argc, char **argv)
{
	struct list_args args;
	struct opt_set set = { list_opts, &args, NULL };
	char *operands[argc];
	struct scenarios s;
	struct reason why;
	int nr, ret, err, code = EXIT_PASS;
	bool *chosen;

	ret = cmd_parse(cmd_find("list"), &set, 1, argc, argv, operands, &nr);
	if (ret)
		return ret - 1;
	err = scenarios_find(&s, &why);
	if (err)
		return cmd_failed(&why);
	chosen = calloc(s.nr + 1, sizeof(*chosen));
	err = scenarios_choose(&s, operands, nr, chosen, &why);
	if (err)
		code = cmd_failed(&why);
	else if (args.json)
		print_json(&s, chosen);
	else
		print_text(&s, chosen);
	free(chosen);
	scenarios_free(&s);
	return code;
}
