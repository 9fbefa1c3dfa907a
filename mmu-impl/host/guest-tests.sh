# SPDX-License-Identifier: GPL-2.0-only
# Runs inside a lab host: upstream's tests of selftests.list, one after the
# other, with one line of output for each:
#   @@ test NAME STATUS
#
# usage: sh /add/guest-tests.sh SCALE SET [PART PARTS]
#   SCALE  multiplies the time limits of the list
#   SET    "all", "quick" for those that the list marks with "quick", or a
#          pattern of names
#   PART   every PARTS-th of them, from the PART-th on (default: all)
scale=$1 set=$2 part=${3:-1} parts=${4:-1}
hosts=intel
grep -qw svm /proc/cpuinfo && hosts=amd
case $(cat /sys/module/kvm_amd/parameters/npt 2>/dev/null) in
N|0) hosts=shadow ;;
esac
params=/sys/module/kvm/parameters
nx=$params/nx_huge_pages
pool_1g=/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages
echo "@@ engine $(cat $params/mmu_engine 2>/dev/null || echo stock)"
echo "@@ tdp_mmu $(cat $params/tdp_mmu)"
echo 300 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
/add/hold &
hold=$!

nx_recovery() { # ON RATIO PERIOD_MS
	echo "$1" > $nx
	echo "$2" > ${nx}_recovery_ratio
	echo "$3" > ${nx}_recovery_period_ms
}

one() { # NAME SECONDS PROGRAM ARGS
	local name=$1 seconds=$2 rc start
	shift 2
	[ -x "/add/$1" ] || { echo "@@ test $name 127"; return; }
	case $name in
	*.1g) ;;
	*) [ ! -e $pool_1g ] || echo 0 > $pool_1g ;;
	esac
	[ "$name" != nx_huge_pages ] || nx_recovery 1 1 100
	start=$(cut -d. -f1 /proc/uptime)
	timeout -s KILL "$((seconds * scale))" "/add/$@"
	rc=$?
	[ "$name" != nx_huge_pages ] || nx_recovery 0 0 0
	echo "@@ test $name $rc after $(($(cut -d. -f1 /proc/uptime) - start)) s"
	echo "mmu-impl: $name ended with $rc" > /dev/kmsg
}

n=0
while IFS='|' read -r name where how seconds command; do
	case $name in ''|'#'*) continue ;; esac
	where=$(echo $where) how=$(echo $how)
	case $hosts:$where in
	*:any|amd:amd|amd:tdp|shadow:amd|intel:intel|intel:tdp) ;;
	*) continue ;;
	esac
	case $set in
	all|$how) ;;
	*) case $name in $set) ;; *) continue ;; esac ;;
	esac
	n=$((n + 1))
	[ $(((n - part) % parts)) = 0 ] || continue
	one $name $seconds $command < /dev/null
done < /add/selftests.list
kill $hold
[ ! -r $params/mmu_stats ] || sed 's/^/@@ stat /' $params/mmu_stats
exit 0
