/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delta debugging: the fewest of several things that together still do what all
 * of them do.
 */
#ifndef MMUBENCH_DDMIN_H
#define MMUBENCH_DDMIN_H

#include <stdbool.h>
#include <stdint.h>


/* A set of up to 64 things is a number: bit i stands for thing i. */
struct ddmin {
	/*
	 * Do the things of @set still do it?  It may be asked about the same set
	 * twice, and may answer "no" by mistake: then more things are left.
	 */
	bool (*does)(void *arg, uint64_t set);
	/* Optional.  Asked before each does(): true ends the search. */
	bool (*is_enough)(void *arg);
	void *arg;
};

/*
 * A subset of @all for which does() was true, or @all.  None of its things can
 * be left out, as far as does() could tell and unless is_enough() said so.  The
 * lower a thing's bit, the likelier it is kept: put suspects first.
 */
uint64_t ddmin(const struct ddmin *d, uint64_t all);

/*
 * Same, for a guess that the suspects are right: begin with the first things
 * alone, take more until they do it, then leave out what is not needed.
 */
uint64_t ddmin_suspects(const struct ddmin *d, uint64_t all);

#endif
