// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproducer of clear-border.md: does KVM_CLEAR_DIRTY_LOG write-protect a huge page
 * whose first page is the last one that it is told to clear?
 *
 * Copy it to tools/testing/selftests/kvm/x86_64 (x86 in newer trees), add it to the
 * list of tests there, load kvm with eager_page_split=N.  Exit status 0: the write
 * was reported; 4: no huge page, or eager splitting; else it was lost.
 *
 * usage: clear-border [LAST BIT OF THE MASK]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"

#define SLOT		10
#define HUGE_BYTES	(2ull << 20)
#define BORDER_GPA	(512 * HUGE_BYTES)
#define BEFORE		8	/* pages of the slot below the border */
#define SLOT_GPA	(BORDER_GPA - BEFORE * 4096)
#define SLOT_PAGES	(BEFORE + 512)
#define BORDER_GVA	0x100000000ull

static void write_first_page(void)
{
	uint64_t i;

	for (i = 1;; i++) {
		*(volatile uint64_t *)BORDER_GVA = i;
		GUEST_SYNC(i);
	}
}

static void write_once(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	vcpu_run(vcpu);
	TEST_ASSERT(get_ucall(vcpu, &uc) == UCALL_SYNC, "the guest stopped");
}

static char *huge_memory(void)
{
	char *raw = mmap(NULL, 3 * HUGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *start;

	TEST_ASSERT(raw != MAP_FAILED, "no memory");
	start = (char *)(((uintptr_t)raw + HUGE_BYTES - 1) & -HUGE_BYTES);
	madvise(start, 2 * HUGE_BYTES, MADV_HUGEPAGE);
	return start + HUGE_BYTES - BEFORE * 4096;
}

int main(int argc, char **argv)
{
	int last = argc > 1 ? atoi(argv[1]) : BEFORE, bit;
	unsigned long mask[(SLOT_PAGES + 63) / 64] = { 0 };
	unsigned long found[(SLOT_PAGES + 63) / 64] = { 0 };
	struct kvm_clear_dirty_log clear = { .slot = SLOT, .num_pages = 64,
					     .dirty_bitmap = mask };
	struct kvm_dirty_log get = { .slot = SLOT, .dirty_bitmap = found };
	char *memory = huge_memory();
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = vm_create_with_one_vcpu(&vcpu, write_first_page);
	vm_enable_cap(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		      KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE |
		      KVM_DIRTY_LOG_INITIALLY_SET);
	vm_set_user_memory_region(vm, SLOT, 0, SLOT_GPA, SLOT_PAGES * 4096ull,
				  memory);
	virt_map(vm, BORDER_GVA, BORDER_GPA, 1);
	write_once(vcpu);	/* maps the huge page, writable */
	if (!vm_get_stat(vm, "pages_2m")) {
		printf("no huge page was mapped\n");
		return 4;
	}
	vm_set_user_memory_region(vm, SLOT, KVM_MEM_LOG_DIRTY_PAGES, SLOT_GPA,
				  SLOT_PAGES * 4096ull, memory);
	for (bit = BEFORE - 1; bit <= last; bit++)
		mask[0] |= 1ul << bit;
	vm_ioctl(vm, KVM_CLEAR_DIRTY_LOG, &clear);
	if (!vm_get_stat(vm, "pages_2m")) {
		printf("the huge page was split; load kvm with eager_page_split=N\n");
		return 4;
	}
	write_once(vcpu);
	vm_ioctl(vm, KVM_GET_DIRTY_LOG, &get);
	bit = found[0] >> BEFORE & 1;
	printf("mask 0x%lx: the write to page %d was%s reported\n", mask[0],
	       BEFORE, bit ? "" : " not");
	return !bit;
}
