// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which capabilities that matter to an MMU does this host's KVM state?
 *
 * What /dev/kvm says of the default kind of VM; where it does not open there is
 * no answer.  Numbers, not names, for capabilities that the headers of an older
 * kernel lack.  (Documentation/virt/kvm/api.rst, "Capability".)
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "internal.h"

static const struct {
	const char *name;
	int number;
} caps[] = {
	{ "readonly_mem", 81 },	    { "manual_protect", 168 },
	{ "dirty_ring", 192 },	    { "dirty_ring_acq_rel", 223 },
	{ "memory_attributes", 233 }, { "guest_memfd", 234 },
	{ "vm_types", 235 },	    { "pre_fault", 236 },
};

void host_add_kvm_caps(json_t *env)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), value;
	json_t *all;
	size_t i;

	if (fd < 0)
		return;
	all = json_object();
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		value = ioctl(fd, KVM_CHECK_EXTENSION, caps[i].number);
		json_object_set_new(all, caps[i].name,
				    json_integer(value > 0 ? value : 0));
	}
	json_object_set_new(env, "kvm_caps", all);
	close(fd);
}
