// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does one operation on one page cost, in instructions?
 *
 * Question: does the engine need more instructions than the stock one for the
 * same call in the same state?
 * Method: bring a slot of 4K pages into a state and run one operation over all
 * of them inside a function of its own; count-instructions runs this under
 * valgrind, once per function, for both engines, and counts only there.  The
 * build for it (MMU_COUNT) has no yield points and no lock assertions.
 * Cannot tell: cycles, and what the kernel around the engine adds; locks and
 * notifiers of the model are about as long as the kernel's, not the same.
 */
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "log/report.h"
#include "shim/logcalls.h"
#include "tests/tests.h"

/* One page table of slot 0, but for the page that keeps it from being huge. */
#define FIRST 512UL
#define PAGES 511UL

static struct kvm_memory_slot *slot_of(struct vm *vm)
{
	return vm->kvm.memslots[0]->slot[0];
}

static void touch_all(struct vm *vm, enum hw_kind kind)
{
	gfn_t gfn;

	for (gfn = FIRST; gfn < FIRST + PAGES; gfn++)
		vcpu_run(&vm->vcpu[0], &gfn, &kind, 1);
	kvm_flush_remote_tlbs(&vm->kvm);
}

noinline void count_map(struct vm *vm)
{
	touch_all(vm, HW_WRITE);
}

noinline void count_age(struct vm *vm)
{
	struct kvm_gfn_range r = { .slot = slot_of(vm) };

	for (r.start = FIRST; r.start < FIRST + PAGES; r.start = r.end) {
		r.end = r.start + 1;
		kvm_tdp_mmu_age_gfn_range(&vm->kvm, &r);
	}
}

noinline void count_test_age(struct vm *vm)
{
	struct kvm_gfn_range r = { .slot = slot_of(vm) };

	for (r.start = FIRST; r.start < FIRST + PAGES; r.start = r.end) {
		r.end = r.start + 1;
		kvm_tdp_mmu_test_age_gfn(&vm->kvm, &r);
	}
}

noinline void count_arm(struct vm *vm)
{
	kvm_tdp_mmu_wrprot_slot(&vm->kvm, slot_of(vm), PG_LEVEL_4K);
}

noinline void count_get(struct vm *vm, struct kvm_dirty_log *log)
{
	mmub_report_get(&vm->kvm, log);
}

noinline void count_get_idle(struct vm *vm, struct kvm_dirty_log *log)
{
	mmub_report_get(&vm->kvm, log);
}

noinline void count_drop(struct vm *vm)
{
	struct kvm_gfn_range r = { .slot = slot_of(vm) };

	for (r.start = FIRST; r.start < FIRST + PAGES; r.start = r.end) {
		r.end = r.start + 1;
		kvm_tdp_mmu_unmap_gfn_range(&vm->kvm, &r, false);
	}
}

static void with_lock(struct vm *vm, void (*what)(struct vm *vm), bool write)
{
	if (write)
		write_lock(&vm->kvm.mmu_lock);
	else
		read_lock(&vm->kvm.mmu_lock);
	what(vm);
	if (write)
		write_unlock(&vm->kvm.mmu_lock);
	else
		read_unlock(&vm->kvm.mmu_lock);
	kvm_flush_remote_tlbs(&vm->kvm);
}

static void count_log(struct vm *vm)
{
	unsigned long bitmap[BITS_TO_LONGS(VM_SLOT_PAGES_MAX)];
	struct kvm_dirty_log log = { .dirty_bitmap = bitmap };

	slot_set_log(vm, 0, 0, true);
	touch_all(vm, HW_WRITE);
	mutex_lock(&vm->kvm.slots_lock);
	count_get(vm, &log);
	count_get_idle(vm, &log);
	mutex_unlock(&vm->kvm.slots_lock);
	slot_set_log(vm, 0, 0, false);
}

int test_count(const struct test_args *a)
{
	static struct vm vm;
	struct vm_config cfg = { .mode = a->mode, .no_around = true,
				 .dbit = a->log == LOG_BY_D };

	vm_set_mode(a->mode);
	vm_setup(&vm, &cfg, 1);
	slot_create(&vm, 0, 0);
	host_protect(&vm, FIRST + PAGES, 1, true);
	touch_all(&vm, HW_READ);
	with_lock(&vm, count_drop, true);
	count_map(&vm);
	with_lock(&vm, count_test_age, true);
	with_lock(&vm, count_age, true);
	touch_all(&vm, HW_WRITE);
	with_lock(&vm, count_arm, false);
	count_log(&vm);
	printf("# count: %lu pages per operation, %lld small leaves\n", PAGES,
	       (long long)atomic64_read(&vm.kvm.stat.pages[0]));
	vm_destroy(&vm);
	return 0;
}
