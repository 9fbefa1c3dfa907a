/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_OPTIONS_H
#define LAB_OPTIONS_H

#include <stdio.h>

#include "lab/ab/ab.h"
#include "lab/lab.h"

void options_usage(FILE *f);

/*
 * Take the lab's own options, and ab's if @ab is not NULL, out of argv[]; what
 * is left stays in order.  Words after "--" are a command.  Returns 0, or -1
 * and said why.
 */
int options_parse(struct lab_opts *o, struct ab_opts *ab, char **argv);

/* Which of them would have no effect beside others: a sentence, or NULL. */
const char *options_unused(const struct lab_opts *o);

#endif
