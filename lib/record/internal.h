/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_RECORD_INTERNAL_H
#define MMUBENCH_RECORD_INTERNAL_H

#include "record/recread.h"

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
