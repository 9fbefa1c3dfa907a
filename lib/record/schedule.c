// SPDX-License-Identifier: GPL-2.0-only
/*
 * The schedule of a run as text, see schedule.h.
 *
 *	mmubench-schedule 1
 *	hands 2
 *	agents discard log protect
 *	dropped 0
 *	b HAND AGENT RNG US	a step begins; AGENT counts from 0, RNG is hex
 *	e HAND US		it has ended
 *	q US			all stand still
 *	end NUMBER		of the lines that begin with b, e and q
 *
 * A file is read as a whole or refused: a step that ends without having begun
 * is as bad as a line that is cut off.  A step whose end is missing is none of
 * that: the run may have ended in it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"
#include "record/schedule.h"

#define HEAD "mmubench-schedule 1"

/* ---- writing ----------------------------------------------------------------- */

static void print_event(FILE *out, const struct schedule_event *e)
{
	switch (e->what) {
	case SCHEDULE_BEGIN:
		fprintf(out, "b %u %u %" PRIx64 " %u\n", e->hand, e->agent,
			e->rng, e->us);
		break;
	case SCHEDULE_END:
		fprintf(out, "e %u %u\n", e->hand, e->us);
		break;
	case SCHEDULE_QUIET:
		fprintf(out, "q %u\n", e->us);
		break;
	}
}

static void print_schedule(FILE *out, const struct schedule *s)
{
	unsigned int i;
	size_t n;

	fprintf(out, HEAD "\nhands %u\nagents", s->nr_hands);
	for (i = 0; i < s->nr_agents; i++)
		fprintf(out, " %s", s->agents[i]);
	fprintf(out, "\ndropped %" PRIu64 "\n", s->dropped);
	for (n = 0; n < s->nr; n++)
		print_event(out, &s->events[n]);
	fprintf(out, "end %zu\n", s->nr);
}

int schedule_write(const char *dir, const char *name, const struct schedule *s,
		   struct reason *why)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (out)
		print_schedule(out, s);
	if (!out || fclose(out) || !text) {
		free(text);
		return reason_set(why, -ENOMEM, "no memory for the schedule");
	}
	err = outfile_write(dir, name, text, size, why);
	free(text);
	return err;
}

/* ---- reading ----------------------------------------------------------------- */

struct reader {
	const char *path;
	unsigned int line;
	struct schedule *s;
	struct reason *why;
	bool open[SCHEDULE_MAX_HANDS];	/* the hand's step has not ended */
	bool ended;
};

static int refuse(struct reader *r, const char *what)
{
	return reason_usage(r->why, -EBADMSG,
			    "'%.300s' line %u: %s; give the schedule or the record of a stress run as it was written",
			    r->path, r->line, what);
}

static int take_agents(struct reader *r, char *names)
{
	struct schedule *s = r->s;
	char *name, *at = names;

	while ((name = strsep(&at, " "))) {
		if (!*name || strlen(name) >= SCHEDULE_NAME_BYTES ||
		    s->nr_agents == SCHEDULE_MAX_AGENTS)
			return refuse(r, "the list of agents is damaged");
		strcpy(s->agents[s->nr_agents++], name);
	}
	return 0;
}

static int take_head(struct reader *r, char *line)
{
	char rest;

	switch (r->line) {
	case 1:
		return strcmp(line, HEAD) ? refuse(r, "it is no schedule of this version") : 0;
	case 2:
		if (sscanf(line, "hands %u%c", &r->s->nr_hands, &rest) == 1 &&
		    r->s->nr_hands && r->s->nr_hands <= SCHEDULE_MAX_HANDS)
			return 0;
		return refuse(r, "the number of hands is damaged");
	case 3:
		return strncmp(line, "agents ", 7) ?
		       refuse(r, "the list of agents is missing") :
		       take_agents(r, line + 7);
	default:
		return sscanf(line, "dropped %" SCNu64 "%c", &r->s->dropped,
			      &rest) == 1 ? 0 :
		       refuse(r, "the number of dropped events is damaged");
	}
}

/* Is the event one that can follow those before it? */
static int check_event(struct reader *r, const struct schedule_event *e)
{
	if (e->what == SCHEDULE_QUIET)
		return 0;
	if (e->hand >= r->s->nr_hands)
		return refuse(r, "there is no such hand");
	if (e->what == SCHEDULE_BEGIN && e->agent >= r->s->nr_agents)
		return refuse(r, "there is no such agent");
	if (r->open[e->hand] == (e->what == SCHEDULE_BEGIN))
		return refuse(r, e->what == SCHEDULE_BEGIN ?
			      "the hand's last step has not ended" :
			      "the hand has begun no step");
	r->open[e->hand] = !r->open[e->hand];
	return 0;
}

static bool parse_event(const char *line, struct schedule_event *e)
{
	unsigned int hand = 0, agent = 0;
	char rest;

	*e = (struct schedule_event){ 0 };
	if (sscanf(line, "b %u %u %" SCNx64 " %u%c", &hand, &agent, &e->rng,
		   &e->us, &rest) == 4)
		e->what = SCHEDULE_BEGIN;
	else if (sscanf(line, "e %u %u%c", &hand, &e->us, &rest) == 2)
		e->what = SCHEDULE_END;
	else if (sscanf(line, "q %u%c", &e->us, &rest) == 1)
		e->what = SCHEDULE_QUIET;
	else
		return false;
	e->hand = hand;
	e->agent = agent;
	return hand <= UINT8_MAX && agent <= UINT8_MAX;
}

static int take_event(struct reader *r, const char *line)
{
	struct schedule *s = r->s;
	struct schedule_event e;
	size_t nr;
	char rest;
	int err;

	if (sscanf(line, "end %zu%c", &nr, &rest) == 1) {
		r->ended = true;
		return nr == s->nr ? 0 : refuse(r, "lines are missing");
	}
	if (r->ended || !parse_event(line, &e) || s->nr == SCHEDULE_MAX_EVENTS)
		return refuse(r, "it is damaged");
	err = check_event(r, &e);
	if (!err)
		s->events[s->nr++] = e;
	return err;
}

static int read_lines(struct reader *r, FILE *f)
{
	char line[SCHEDULE_MAX_AGENTS * SCHEDULE_NAME_BYTES + 16];
	int err = 0;

	while (!err && fgets(line, sizeof(line), f)) {
		r->line++;
		if (!strchr(line, '\n'))
			return refuse(r, "it is cut off");
		*strchr(line, '\n') = '\0';
		err = r->line <= 4 ? take_head(r, line) : take_event(r, line);
	}
	if (!err && !r->ended) {
		r->line++;
		err = refuse(r, "it is cut off");
	}
	return err;
}

int schedule_read(const char *path, struct schedule *s, struct reason *why)
{
	struct reader r = { .path = path, .s = s, .why = why };
	FILE *f = fopen(path, "re");
	int err;

	memset(s, 0, sizeof(*s));
	if (!f) {
		err = -errno;
		return reason_usage(why, err, "cannot read the schedule '%.300s': %s",
				    path, strerror(-err));
	}
	s->events = calloc(SCHEDULE_MAX_EVENTS, sizeof(*s->events));
	err = s->events ? read_lines(&r, f) :
	      reason_set(why, -ENOMEM, "no memory for the schedule");
	fclose(f);
	if (err)
		schedule_free(s);
	return err;
}

void schedule_free(struct schedule *s)
{
	free(s->events);
	memset(s, 0, sizeof(*s));
}
