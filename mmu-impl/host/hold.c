// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: can KVM's tests run on an emulator whose CPUs race, without the
 * kernel changing its own code all the time?
 *
 * Method: the kernel patches branches when the first virtual machine comes and
 * the last one goes, when a first local APIC is off, and so on.  One VM with
 * one vCPU, its APIC off, and one without an APIC at all, keep all of that as
 * it is until this program is killed.
 *
 * Why: QEMU's CPUs, in parallel, can run into a breakpoint of such patching
 * after it is gone, and then the kernel in it dies ("Oops: int3").
 *
 * What it cannot tell: anything; it only waits.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#define APIC_ON (1u << 11)	/* of the APIC base register */

static int check(int ret, const char *what)
{
	if (ret >= 0)
		return ret;
	perror(what);
	exit(1);
}

/* Makes a VM with one vCPU; returns the vCPU.  Both stay open. */
static int vcpu_of_new_vm(int kvm, int with_apic)
{
	int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");

	if (with_apic)
		check(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	return check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
}

int main(void)
{
	int kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	int vcpu = vcpu_of_new_vm(kvm, 1);
	struct kvm_sregs sregs;

	check(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.apic_base &= ~(__u64)APIC_ON;
	check(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	vcpu_of_new_vm(kvm, 0);
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}
