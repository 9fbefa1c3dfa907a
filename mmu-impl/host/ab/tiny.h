/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest of one vCPU that touches pages, on the bare KVM interface, so that
 * nothing but the MMU's own work stands between two counter readings.
 *
 * One thread per guest.  Every function ends the program with one sentence if
 * KVM refuses: there is no result without it.
 */
#ifndef TINY_H
#define TINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tiny_vm {
	int vm_fd, vcpu_fd, vm_stats_fd, vcpu_stats_fd;
	struct kvm_run *run;
	size_t run_bytes;
	unsigned char *mem;		/* host address of the slot */
	unsigned long nr_pages;
	uint64_t *bitmap;		/* of the last tiny_get_log() */
};

/* The slot's memory is written once by the host; huge asks for THP. */
void tiny_open(struct tiny_vm *t, unsigned long nr_pages, bool huge);
void tiny_close(struct tiny_vm *t);

void tiny_set_log(struct tiny_vm *t, bool on);

/* Have the guest read or write one word of each page of a range. */
void tiny_read(struct tiny_vm *t, unsigned long first, unsigned long nr_pages);
void tiny_write(struct tiny_vm *t, unsigned long first, unsigned long nr_pages);

/* KVM_GET_DIRTY_LOG; returns the number of dirty pages. */
unsigned long tiny_get_log(struct tiny_vm *t);

/* Before the log is on: GET leaves the bits, CLEAR takes those GET returned. */
void tiny_manual_clear(struct tiny_vm *t);
void tiny_clear_log(struct tiny_vm *t);

/* A counter of the VM or of the vCPU, by its name in the binary stats. */
uint64_t tiny_vm_stat(const struct tiny_vm *t, const char *name);
uint64_t tiny_vcpu_stat(const struct tiny_vm *t, const char *name);

void tiny_die(const char *what);

#endif
