// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmubench doctor: is this host fit to measure an MMU on?
 *
 * Shows each check's state; for those that are not well also why it matters
 * and the command that changes it.  Changes nothing itself.
 */
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "cmd.h"

struct doctor_args {
	bool json;
};

static const struct opt doctor_opts[] = {
	{ .name = "json", .type = OPT_FLAG,
	  .offset = offsetof(struct doctor_args, json),
	  .help = "print a JSON array instead of text" },
	OPT_END
};

static const char *const state_names[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "BAD",
	[DOCTOR_UNKNOWN] = "unknown",
};

static void print_text(const struct doctor_check *c,
		       const struct doctor_result *res)
{
	printf("%-7s %-22s %s\n", state_names[res->state], c->name,
	       res->found);
	if (res->state == DOCTOR_OK || res->state == DOCTOR_UNKNOWN)
		return;
	printf("        why: %s\n", c->why);
	if (c->fix)
		printf("        fix: %s\n", c->fix);
}

static json_t *check_json(const struct doctor_check *c,
			  const struct doctor_result *res)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s}", "name", c->name,
			      "state", state_names[res->state],
			      "found", res->found, "why", c->why);

	if (j && c->fix)
		json_object_set_new(j, "fix", json_string(c->fix));
	return j;
}

json_t *doctor_findings(void)
{
	json_t *all = json_array();
	const struct doctor_check *c;
	struct doctor_result res;

	for (c = doctor_checks; c->name; c++) {
		memset(&res, 0, sizeof(res));
		c->run(&res);
		json_array_append_new(all, check_json(c, &res));
	}
	return all;
}

static int run_checks(json_t *all)
{
	unsigned int count[4] = { 0 };
	const struct doctor_check *c;
	struct doctor_result res;

	for (c = doctor_checks; c->name; c++) {
		memset(&res, 0, sizeof(res));
		c->run(&res);
		count[res.state]++;
		if (all)
			json_array_append_new(all, check_json(c, &res));
		else
			print_text(c, &res);
	}
	if (!all)
		printf("%u ok, %u to consider, %u bad, %u unknown\n",
		       count[DOCTOR_OK], count[DOCTOR_WARN], count[DOCTOR_BAD],
		       count[DOCTOR_UNKNOWN]);
	return count[DOCTOR_BAD] ? EXIT_SKIP : EXIT_PASS;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_args args;
	struct opt_set set = { doctor_opts, &args, NULL };
	char *operands[argc];
	json_t *all = NULL;
	int nr, ret;

	ret = cmd_parse(cmd_find("doctor"), &set, 1, argc, argv, operands, &nr);
	if (ret)
		return ret - 1;
	if (nr)
		return cmd_error(EXIT_USAGE, "doctor takes no arguments; got '%s'",
				 operands[0]);
	if (args.json)
		all = json_array();
	ret = run_checks(all);
	if (all) {
		json_dumpf(all, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(all);
	}
	return ret;
}
