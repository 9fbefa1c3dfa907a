# SPDX-License-Identifier: GPL-2.0-only
# Runs inside an emulated host, as /run.sh of host/initrd: loads the KVM trio
# from /mod, runs the tests of /st/selftests.list, prints one line for each:
#   @@ test NAME STATUS
# The words @place, @loops and @scale are replaced by host/check-host.
vendor=kvm-intel hosts=intel
grep -qw svm /proc/cpuinfo && vendor=kvm-amd hosts=amd

npt=
[ @place != shadow ] || npt=npt=0

load() {
	insmod /mod/kvm.ko && insmod "/mod/$vendor.ko" $npt
}

[ ! -e /mod/irqbypass.ko ] || insmod /mod/irqbypass.ko
load || { echo "@@ load failed"; exit 3; }
engine=$(cat /sys/module/kvm/parameters/mmu_engine 2>/dev/null || echo stock)
printf '\n@@ engine %s\n' "$engine"
printf '@@ tdp_mmu %s\n' "$(cat /sys/module/kvm/parameters/tdp_mmu)"
echo 300 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages

one() { # NAME SECONDS PROGRAM ARGS
	local name=$1 seconds=$2 rc
	shift 2
	if [ ! -x "/st/$1" ]; then
		printf '\n@@ test %s 127\n' "$name"
		return
	fi
	if [ "$name" = nx_huge_pages ]; then
		echo 1 > /sys/module/kvm/parameters/nx_huge_pages
		echo 1 > /sys/module/kvm/parameters/nx_huge_pages_recovery_ratio
		echo 100 > /sys/module/kvm/parameters/nx_huge_pages_recovery_period_ms
	fi
	printf '\n@@ run %s\n' "$name"
	timeout -s KILL "$((seconds * @scale))" "/st/$@"
	rc=$?
	printf '\n@@ test %s %s\n' "$name" $rc
	if [ "$name" = nx_huge_pages ]; then
		echo 0 > /sys/module/kvm/parameters/nx_huge_pages
		echo 0 > /sys/module/kvm/parameters/nx_huge_pages_recovery_ratio
		echo 0 > /sys/module/kvm/parameters/nx_huge_pages_recovery_period_ms
	fi
}

[ @loops -gt 0 ] || while IFS='|' read -r name where seconds command; do
	set -- $name
	name=${1:-}
	case $name in ''|'#'*) continue ;; esac
	where=$(echo $where)
	[ "$where" = any ] || [ "$where" = $hosts ] || continue
	one "$name" $seconds $command < /dev/null
done < /st/selftests.list

# The trio comes and goes under load: a guest keeps both CPUs busy until its
# last descriptor is closed, then the modules are taken out and put in again.
n=0
while [ $n -lt @loops ]; do
	timeout -s KILL 2 /st/memslot_modification_stress_test -v 2 -b 8M -i 1000 > /dev/null 2>&1 &
	pid=$!
	usleep $((200000 + n * 5000))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	tries=0
	until rmmod $vendor kvm 2>/dev/null; do
		# killed, but not yet gone
		tries=$((tries + 1))
		[ $tries -lt 100 ] || break 2
		usleep 50000
	done
	load || break
	n=$((n + 1))
done
printf '\n@@ reload %s\n' $n
[ ! -r /sys/module/kvm/parameters/mmu_stats ] || sed 's/^/@@ stat /' /sys/module/kvm/parameters/mmu_stats
echo "@@ slab $(grep -c '^kvm_\|^pte_list_desc\|^x86_emulator' /proc/slabinfo 2>/dev/null)"
exit 0
