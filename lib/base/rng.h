/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small, fast generator of random numbers (splitmix64): the same seed, the
 * same numbers, on every machine.  Not for secrets.
 */
#ifndef MMUBENCH_RNG_H
#define MMUBENCH_RNG_H

#include <stdint.h>

/* The next number; advances *state, which may start as any value. */
uint64_t rng_next(uint64_t *state);

/* A random permutation of values[0..nr), nr > 0. */
void rng_shuffle(uint32_t *values, uint32_t nr, uint64_t *state);

#endif
