/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_OPTIONS_H
#define LAB_OPTIONS_H

#include "lab/ab/ab.h"
#include "lab/image/image.h"
#include "lab/run/report.h"
#include "lab/run/run.h"

/* A whole command line; each part of the lab is given what belongs to it. */
struct options {
	struct image_opts image;
	struct run_opts run;
	struct report_opts report;
	struct ab_opts ab;
	struct opt_list host_set;	/* KEY=VALUE, see choose_hosts() */
	struct task task;
};

/*
 * Take the lab's own options, and with @is_ab also those of ab, out of
 * argv[1..argc), which becomes task.run_args and keeps all other words in
 * order.  Words behind "--" are a command.  0 or -EINVAL with @why.
 */
int options_parse(struct options *o, bool is_ab, int argc, char **argv,
		  struct reason *why);

void options_print_help(void);

#endif
