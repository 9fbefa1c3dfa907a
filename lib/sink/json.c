// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run as one JSON object: totals, and for each record its verdict and its
 * figures, for programs that want an answer and not the samples.  Times of an
 * emulator's wall clock are left out; "jsonl" is the truth.
 */
#include "figure.h"
#include "internal.h"

struct json_run {
	json_t *cases, *figures;
};

static void json_begin(struct sink *s)
{
	struct json_run *run = s->priv;

	run->cases = json_array();
}

static void json_record_begin(struct sink *s, const struct record *r, size_t i)
{
	struct json_run *run = s->priv;

	run->figures = json_object();
}

static void json_figure(struct sink *s, const struct record *r, const char *name,
			const char *part, double value, const char *unit)
{
	struct json_run *run = s->priv;
	char whole[512];

	snprintf(whole, sizeof(whole), "%.400s%.100s", name, part);
	json_object_set_new(run->figures, whole,
			    json_pack("{s:f, s:s}", "value", value, "unit",
				      unit));
}

static void json_event(struct sink *s, const struct record *r,
		       const struct event *e)
{
	figure_each(s, r, e, json_figure);
}

static void json_record_end(struct sink *s, const struct record *r, size_t i)
{
	struct json_run *run = s->priv;
	json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:o}", "place", r->place,
				"case", r->case_name, "uuid", r->uuid,
				"verdict", verdict_name(r->verdict), "figures",
				run->figures);

	if (one && r->verdict_text)
		json_object_set_new(one, "text", json_string(r->verdict_text));
	json_array_append_new(run->cases, one);
}

static void json_end(struct sink *s)
{
	struct json_run *run = s->priv;
	size_t n[4] = { 0 }, i;
	json_t *all;

	for (i = 0; i < s->set->nr; i++)
		n[s->set->v[i]->verdict]++;
	all = json_pack("{s:i, s:i, s:i, s:i, s:o}", "passed", (int)n[VERDICT_PASS],
			"failed", (int)n[VERDICT_FAIL], "invalid",
			(int)n[VERDICT_INVALID], "skipped", (int)n[VERDICT_SKIP],
			"cases", run->cases);
	json_dumpf(all, s->out, JSON_INDENT(1));
	fputc('\n', s->out);
	json_decref(all);
}

const struct sink_ops sink_json = {
	.name = "json",
	.summary = "one JSON object: totals, verdicts, figures",
	.priv_bytes = sizeof(struct json_run),
	.begin = json_begin,
	.record_begin = json_record_begin,
	.event = json_event,
	.record_end = json_record_end,
	.end = json_end,
};
