// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does the record of a stress run tell about running it again?
 *
 * All that is needed is in its lines "run" and "violation" and in its checks.
 * A run whose process died has neither of the latter two, and no schedule: then
 * its options, the seed among them, must do.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress.h"

/* Where records go, what is counted beside: no part of what was run. */
static const char *const not_repeated[] = { "results", "replay", "trace", "span",
					   NULL};

static void take_judge(struct stressed *s)
{
	const struct event *e;
	size_t i;

	for (i = 0; i < s->rec->nr_events && !*s->judge; i++) {
		e = &s->rec->events[i];
		if (e->type != EVENT_CHECK || e->ok)
			continue;
		snprintf(s->judge, sizeof(s->judge), "%s", e->name);
		snprintf(s->text, sizeof(s->text), "%s", e->text);
	}
	if (*s->judge || s->rec->verdict != VERDICT_FAIL)
		return;
	snprintf(s->judge, sizeof(s->judge), "died");
	snprintf(s->text, sizeof(s->text), "%s",
		 s->rec->verdict_text ? s->rec->verdict_text : "");
}

static void add_suspect(struct stressed *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->nr_suspects; i++)
		if (!strcmp(s->suspects[i], name))
			return;
	if (s->nr_suspects < sizeof(s->suspects) / sizeof(s->suspects[0]))
		s->suspects[s->nr_suspects++] = name;
}

static void take_violation(struct stressed *s, const json_t *line)
{
	const json_t *names = json_object_get(line, "suspects"), *name;
	const char *judge = json_string_value(json_object_get(line, "judge"));
	const char *text = json_string_value(json_object_get(line, "text"));
	size_t i;

	json_array_foreach(names, i, name) if (json_is_string(name))
		add_suspect(s, json_string_value(name));
	s->at_s = json_number_value(json_object_get(line, "at_ms")) / 1000;
	/* The first alarm; the checks are in an order of their own. */
	if (judge)
		snprintf(s->judge, sizeof(s->judge), "%s", judge);
	if (judge && text)
		snprintf(s->text, sizeof(s->text), "%s", text);
}

/* The mix as text, with the weights that were chosen. */
static void take_mix(struct stressed *s)
{
	const json_t *mix = json_object_get(s->rec->run, "mix"), *weight;
	char text[2048] = "";
	const char *name;
	size_t len = 0;

	if (!json_is_object(mix))
		return;
	json_object_foreach((json_t *)mix, name, weight)
	{
		add_suspect(s, name);
		if (len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len,
					"%s%s=%d", len ? "," : "", name,
					(int)json_integer_value(weight));
	}
	json_object_set_new(s->options, "mix",
			    json_string(len ? text : "none"));
}

static void take_schedule(struct stressed *s)
{
	const char *name =
		json_string_value(json_object_get(s->rec->run, "schedule"));
	const char *slash = strrchr(s->rec->path, '/');

	if (name && *name && !strchr(name, '/'))
		snprintf(s->schedule, sizeof(s->schedule), "%.*s%s",
			 slash ? (int)(slash + 1 - s->rec->path) : 0,
			 s->rec->path, name);
}

static int take_options(struct stressed *s, struct reason *why)
{
	const json_t *o = json_object_get(s->rec->run, "options");
	unsigned int i;

	if (!json_is_object(o) || !json_object_get(o, "mix") ||
	    !json_object_get(o, "seconds"))
		return reason_usage(
			why, -EINVAL,
			"'%.200s' is no record of a stress run; give one that mmubench stress made",
			s->rec->path);
	s->options = json_copy((json_t *)o);
	for (i = 0; not_repeated[i]; i++)
		json_object_del(s->options, not_repeated[i]);
	return 0;
}

int stressed_read(const char *path, struct stressed *s, struct reason *why)
{
	size_t i;
	int err;

	memset(s, 0, sizeof(*s));
	s->rec = record_read(path, why);
	if (!s->rec) {
		why->ending = ENDING_USAGE;
		return why->err;
	}
	err = take_options(s, why);
	if (err) {
		stressed_free(s);
		return err;
	}
	take_judge(s);
	for (i = 0; i < s->rec->nr_events; i++) {
		const json_t *line = s->rec->events[i].json;
		const char *type =
			json_string_value(json_object_get(line, "type"));

		if (s->rec->events[i].type == EVENT_OTHER && type &&
		    !strcmp(type, "violation"))
			take_violation(s, line);
	}
	take_mix(s);
	take_schedule(s);
	return 0;
}

void stressed_free(struct stressed *s)
{
	if (s->rec)
		record_free(s->rec);
	json_decref(s->options);
	memset(s, 0, sizeof(*s));
}

const struct program *stressed_program(const struct scenarios *sc,
				       const struct stressed *s,
				       struct reason *why)
{
	size_t i;

	for (i = 0; i < sc->nr; i++)
		if (!strcmp(sc->v[i].name, s->rec->case_name))
			return sc->v[i].program;
	reason_usage(why, -ENOENT, "there is no case '%s' any more, see mmubench list",
		     s->rec->case_name);
	return NULL;
}

void stressed_words(const json_t *options, char **words, int *n, int max)
{
	const char *name;
	json_t *value;
	char *text;

	json_object_foreach((json_t *)options, name, value)
	{
		text = json_is_string(value)
			       ? strdup(json_string_value(value))
			       : json_dumps(value, JSON_ENCODE_ANY);
		if (text && *n < max - 1 &&
		    asprintf(&words[*n], "--%s=%s", name, text) >= 0)
			words[++*n] = NULL;
		free(text);
	}
}
