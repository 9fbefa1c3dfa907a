/* SPDX-License-Identifier: GPL-2.0-only */
/* Others whom an engine serves. */
#ifndef MMU_USER_AGENTS_H
#define MMU_USER_AGENTS_H

#include "shim/hostkvm.h"

struct vm;

void vm_zap_all_fast(struct vm *vm);
void agent_zap_gfn_range(struct vm *vm, gfn_t start, gfn_t end);
void agent_write_protect(struct vm *vm, int as_id, gfn_t gfn);
void agent_shadow(struct vm *vm, int as_id, gfn_t gfn);
void agent_recover_nx(struct vm *vm);
void agent_flush_shadow_all(struct vm *vm);
void agent_split(struct vm *vm, int as_id, int id);

#endif
