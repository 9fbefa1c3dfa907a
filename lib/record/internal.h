/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_RECORD_INTERNAL_H
#define MMUBENCH_RECORD_INTERNAL_H

#include "record/recread.h"

/* ---- writing: the parts of a line ------------------------------------------ */

/* Text from anywhere; what is no UTF-8 has its odd bytes replaced. */
json_t *part_text(const char *text);
/* JSON has no NaN and no infinity: null says that there is no such number. */
json_t *part_real(double value);
json_t *part_u64(uint64_t value);

/*
 * Steal @value into *@to, which becomes NULL when there is no memory: a line
 * that lacks a part is no line, and whoever appends it notes that.
 */
void part_set(json_t **to, const char *key, json_t *value);
void part_push(json_t **to, json_t *value);

/* The members of @line that tell of the samples in @h, which has some. */
void part_hist(json_t **line, const struct hist *h, double scale);

/* ---- reading: the events of lines ------------------------------------------- */

/* What is wrong with a line, before file and line number are added. */
struct objection {
	char text[200];
};

/* Returns -EBADMSG, as all below do with @o set. */
int event_refuse(struct objection *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

int event_get_string(const json_t *line, const char *key, const char **to,
		     struct objection *o);
/* The same for what goes into tables and test protocols: one printable word. */
int event_get_name(const json_t *line, const char *key, const char **to,
		   struct objection *o);

/* The event of @line, which is borrowed; what it allocates is in @e always. */
int event_read(struct event *e, const json_t *line, struct objection *o);

#endif
