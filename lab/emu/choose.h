/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright (C) 2026 mmubench authors */
#ifndef LAB_CHOOSE_H
#define LAB_CHOOSE_H

#include <stdbool.h>

#include "base/opt.h"
#include "lab/emu/hosts.h"

#define CHOICE_MAX 32

/* Copies of the hosts that a command line names, with its keys set in them. */
struct choice {
	struct host v[CHOICE_MAX];
	unsigned int nr;
};

/*
 * Take the hosts in @names, between commas, or all of the group "default";
 * @set holds KEY=VALUE words.  0, or -EINVAL with @why.
 */
int choose_hosts(const struct hosts *hosts, const char *names,
		 const struct opt_list *set, struct choice *choice,
		 struct reason *why);

/* Is the part of @word before the first comma a host's name, or "default"? */
bool choose_is_name(const struct hosts *hosts, const char *word);

/*
 * Can any of them run on this machine?  If none can, -errno with what the last
 * one lacks in @why.
 */
int choose_probe(const struct choice *choice, struct reason *why);

#endif
