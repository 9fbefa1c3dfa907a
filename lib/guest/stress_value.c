// SPDX-License-Identifier: GPL-2.0-only
/*
 * The values that guests write, and their random numbers: a hash ties a value to
 * its writer, generation and page, so that one cannot pass for another.
 */
#include "guest/stress.h"

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

uint64_t stress_value(uint64_t seed, uint32_t writer, uint32_t page,
		      uint32_t gen)
{
	uint64_t id = (uint64_t)(writer + 1) << 56 |
		      (uint64_t)(gen & STRESS_GEN_MASK) << 28;

	return id | (mix(seed ^ id ^ mix(page + 1ull)) & STRESS_GEN_MASK);
}

uint64_t stress_random(struct stress_guest *g)
{
	g->rng += 0x9e3779b97f4a7c15ull;
	return mix(g->rng);
}
