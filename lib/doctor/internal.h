/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of this folder; private to it. */
#ifndef MMUBENCH_DOCTOR_INTERNAL_H
#define MMUBENCH_DOCTOR_INTERNAL_H

#include <stdbool.h>

#include "doctor/doctor.h"

/* Set the state and what was found. */
void doctor_set(struct doctor_result *res, enum doctor_state state,
		const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Does the first CPU's flags line have the flag? */
bool doctor_cpu_flag(const char *flag);

void doctor_cpu_governor(struct doctor_result *res);
void doctor_cpu_turbo(struct doctor_result *res);
void doctor_cpu_cstates(struct doctor_result *res);
void doctor_cpu_smt(struct doctor_result *res);
void doctor_cpu_isolated(struct doctor_result *res);
void doctor_cpu_limits(struct doctor_result *res);
void doctor_cpu_microcode(struct doctor_result *res);
void doctor_cpu_steal(struct doctor_result *res);
void doctor_cpu_hypervisor(struct doctor_result *res);
void doctor_cpu_mitigations(struct doctor_result *res);

void doctor_mm_numa_balancing(struct doctor_result *res);
void doctor_mm_lru_gen(struct doctor_result *res);
void doctor_mm_thp(struct doctor_result *res);
void doctor_mm_khugepaged(struct doctor_result *res);
void doctor_mm_ksm(struct doctor_result *res);
void doctor_mm_hugepages(struct doctor_result *res);
void doctor_mm_swap(struct doctor_result *res);
void doctor_mm_aging(struct doctor_result *res);

void doctor_kvm_access(struct doctor_result *res);
void doctor_kvm_paging(struct doctor_result *res);
void doctor_kvm_engine(struct doctor_result *res);
void doctor_kvm_nx_recovery(struct doctor_result *res);
void doctor_kvm_other_vms(struct doctor_result *res);
void doctor_kvm_debug_config(struct doctor_result *res);
void doctor_kvm_taint(struct doctor_result *res);
void doctor_kvm_journal(struct doctor_result *res);

#endif
