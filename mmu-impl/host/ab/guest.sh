# SPDX-License-Identifier: GPL-2.0-only
# Runs inside an emulated host, as /run.sh of host/initrd: loads the KVM trio
# and measures the bars.
[ ! -e /mod/irqbypass.ko ] || insmod /mod/irqbypass.ko
insmod /mod/kvm.ko && insmod /mod/kvm-amd.ko || exit 3
printf '\nbar engine.%s 1\n' "$(cat /sys/module/kvm/parameters/mmu_engine 2>/dev/null || echo stock)"
stats=/sys/module/kvm/parameters/mmu_stats
/st/bars
rc=$?
[ ! -r $stats ] || sed 's/^/bar stats./' $stats
exit $rc
