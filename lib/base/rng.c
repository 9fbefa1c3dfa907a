// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers that a seed repeats, see rng.h. */
#include "base/rng.h"

uint64_t rng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void rng_shuffle(uint32_t *values, uint32_t nr, uint64_t *state)
{
	uint32_t i, j, swap;

	for (i = nr - 1; i > 0; i--) {
		j = rng_next(state) % (i + 1);
		swap = values[i];
		values[i] = values[j];
		values[j] = swap;
	}
}
