/* SPDX-License-Identifier: GPL-2.0-only */
/* A fixture with two settings to change, and a directory for their journals. */
#ifndef MMUBENCH_SETTINGS_H
#define MMUBENCH_SETTINGS_H

#define KSM_RUN "/sys/kernel/mm/ksm/run"				/* "1" */
#define THP_ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"	/* madvise */

/* Of a test. */
int settings_begin(void **state);
int settings_end(void **state);

/* Journals in the state directory, whoever they belong to. */
int settings_journals(void);

#endif
