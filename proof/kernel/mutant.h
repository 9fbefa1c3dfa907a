/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a mutant on?  Put in front of every file of KVM by the compiler's
 * -include; proof/edit writes mutant_on() where a mutant changes something.
 */
#ifndef MUTANT_H
#define MUTANT_H

#include <linux/compiler.h>
#include <linux/types.h>

enum mutant {
	MUTANT_NONE,
#define MUTANT(symbol, name) symbol,
#include "mutant_list.h"
#undef MUTANT
	MUTANT_COUNT
};

extern int mutant_now;
/* Changed by any CPU without care: whether it is 0 is all that counts. */
extern unsigned long mutant_hits;
/* For mutants that carry something from one function to another. */
extern unsigned long mutant_note;
void mutant_window(void);

static __always_inline bool mutant_on(enum mutant which)
{
	if (likely(READ_ONCE(mutant_now) != which))
		return false;
	WRITE_ONCE(mutant_hits, READ_ONCE(mutant_hits) + 1);
	return true;
}

#endif
