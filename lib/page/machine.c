// SPDX-License-Identifier: GPL-2.0-only
/*
 * On what did it run?  For each place the machine and its settings, as the
 * records hold them, and what doctor found there.
 */
#include <string.h>

#include "internal.h"

static const struct {
	const char *title, *group, *key;
} facts[] = {
	{ "CPU", "cpu", "model" }, { "microcode", "cpu", "microcode" },
	{ "CPUs online", "cpus", "online" }, { "isolated CPUs", "cpus", "isolated" },
	{ "CPUs without a tick", "cpus", "nohz_full" },
	{ "SMT", "cpus", "smt" }, { "governor", "cpus", "governor" },
	{ "vendor", "machine", "vendor" }, { "product", "machine", "product" },
	{ "firmware", "machine", "firmware" },
	{ "kernel", "kernel", "release" }, { "command line", "kernel", "cmdline" },
	{ "tainted", "kernel", "tainted" }, { "clock source", "kernel", "clocksource" },
	{ "NUMA nodes", "mm", "nodes_online" },
	{ "NUMA balancing", "mm", "numa_balancing" },
	{ "transparent huge pages", "mm", "thp_enabled" },
	{ "KSM", "mm", "ksm_run" }, { "multi-gen LRU", "mm", "lru_gen" },
};

static void fact_row(struct page *p, const char *title, const char *value)
{
	fputs("<tr>", p->out);
	page_cell(p, "c", title);
	page_cell(p, NULL, value);
	fputs("</tr>\n", p->out);
}

static void machine(struct page *p, const json_t *env)
{
	unsigned int i;

	fputs("<div class=\"scroll\"><table>\n", p->out);
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const char *value = json_string_value(
			json_object_get(json_object_get(env, facts[i].group),
					facts[i].key));

		if (value && *value)
			fact_row(p, facts[i].title, value);
	}
	fputs("</table></div>\n", p->out);
}

static const char *word(const json_t *finding, const char *key)
{
	const char *text = json_string_value(json_object_get(finding, key));

	return text ? text : "";
}

static void findings(struct page *p, const json_t *list)
{
	json_t *f;
	size_t i;

	fputs("<details><summary>What doctor found</summary><div class=\"scroll\"><table><tr><th></th><th>check</th><th>found</th><th>why it matters</th><th>what changes it</th></tr>\n",
	      p->out);
	json_array_foreach((json_t *)list, i, f) {
		bool well = !strcmp(word(f, "state"), "ok");

		fputs("<tr>", p->out);
		page_cell(p, well ? "pass" :
			  !strcmp(word(f, "state"), "BAD") ? "fail" : "invalid",
			  word(f, "state"));
		page_cell(p, "c", word(f, "name"));
		page_cell(p, NULL, word(f, "found"));
		page_cell(p, NULL, well ? "" : word(f, "why"));
		page_cell(p, NULL, well ? "" : word(f, "fix"));
		fputs("</tr>\n", p->out);
	}
	fputs("</table></div></details>\n", p->out);
}

void page_machines(struct page *p)
{
	unsigned int at;

	page_head(p, "machines", "Machines");
	for (at = 0; at < p->nr_places; at++) {
		const json_t *env = page_env(p, at);
		const json_t *doctor = json_object_get(p->hosts[at], "doctor");

		fputs("<h3>", p->out);
		page_text(p, p->places[at]);
		fputs("</h3>\n", p->out);
		if (env)
			machine(p, env);
		else
			page_para(p, "dim", "No record of this place holds its environment: nothing ran.");
		if (doctor)
			findings(p, doctor);
	}
}
