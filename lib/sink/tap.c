// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flat TAP version 13: one result line per record, its figures before it as
 * "# name value unit".
 *
 * The dialect is the common part of what kunit.py, Avocado, prove, tappy and
 * Linaro's parser read: no nesting, the plan first, at least one result line,
 * SKIP reasons short and constant (some parsers make them part of the name).
 * A record that is INVALID is "not ok": its numbers must not be taken.
 * Times of an emulator's wall clock are left out.
 */
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "internal.h"

#define SKIP_REASON_MAX	48

static void tap_begin(struct sink *s)
{
	fputs("TAP version 13\n", s->out);
	fprintf(s->out, "1..%zu\n", s->set->nr ? s->set->nr : 1);
	if (!s->set->nr)
		fputs("# the run holds no record\nnot ok 1 - mmubench.records\n",
		      s->out);
}

static void diagnostic(struct sink *s, const char *label, const char *text)
{
	fprintf(s->out, "# %s", label);
	for (; *text; text++)
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text, s->out);
	fputc('\n', s->out);
}

static void figure(struct sink *s, const char *name, const char *part,
		   double value, const char *unit)
{
	if (isfinite(value))
		fprintf(s->out, "# %s%s %.12g %s\n", name, part, value,
			*unit ? unit : "1");
}

static void tap_event(struct sink *s, const struct record *r,
		      const struct event *e)
{
	if (e->unit && r->clock == CLOCK_EMULATED && fmt_unit_is_time(e->unit))
		return;
	switch (e->type) {
	case EVENT_DIST:
		figure(s, e->name, ".n", e->hist->n, "samples");
		if (!e->hist->n)
			break;
		figure(s, e->name, ".min", event_quantile(e, 0), e->unit);
		figure(s, e->name, ".p50", event_quantile(e, .5), e->unit);
		figure(s, e->name, ".p99", event_quantile(e, .99), e->unit);
		figure(s, e->name, ".p999", event_quantile(e, .999), e->unit);
		figure(s, e->name, ".max", event_quantile(e, 1), e->unit);
		break;
	case EVENT_COUNT:
	case EVENT_VALUE:
		figure(s, e->name, "", e->value, e->unit);
		break;
	case EVENT_CHECK:
		if (!e->ok) {
			fprintf(s->out, "# failed check %s\n", e->name);
			diagnostic(s, "", e->text);
		}
		break;
	case EVENT_INVALID:
		diagnostic(s, "INVALID: ", e->text);
		break;
	default:
		break;
	}
}

/* The first clause without figures: the same on every machine. */
static void skip_reason(struct sink *s, const char *text)
{
	size_t len = strcspn(text, ";:,(\n\r#'\"0123456789"), i;

	if (len > SKIP_REASON_MAX)
		for (len = SKIP_REASON_MAX; len && text[len] != ' '; len--)
			;
	while (len && text[len - 1] == ' ')
		len--;
	fputs(len ? "" : "not possible here", s->out);
	for (i = 0; i < len; i++)
		fputc(text[i], s->out);
}

static void tap_record_end(struct sink *s, const struct record *r, size_t i)
{
	bool ok = r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP;
	const char *text = r->verdict_text ? r->verdict_text : "";

	if (*text)
		diagnostic(s, "", text);
	fprintf(s->out, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
	if (strcmp(r->place, "host"))
		fprintf(s->out, "%s.", r->place);
	fputs(r->case_name, s->out);
	if (r->verdict == VERDICT_SKIP) {
		fputs(" # SKIP ", s->out);
		skip_reason(s, text);
	}
	fputc('\n', s->out);
}

const struct sink_ops sink_tap = {
	.name = "tap",
	.summary = "flat TAP version 13, figures as \"# name value unit\"",
	.begin = tap_begin,
	.event = tap_event,
	.record_end = tap_record_end,
};
