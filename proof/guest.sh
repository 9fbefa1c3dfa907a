# SPDX-License-Identifier: GPL-2.0-only
# Runs inside a lab host: tests of tests.list on mutants.  Says on its output
#   @@ start MUTANT|TEST
#   @@ result MUTANT|TEST|VERDICT|HITS|JUDGE|WHAT
# VERDICT is pass, fail, skip, timeout, stuck (could not be killed) or alarm (the
# test passed, the kernel did not stay silent).  HITS says how often changed code
# ran.  JUDGE names the checks that failed, "end" if the test ended otherwise, and
# "kernel" where only the kernel's log tells.  WHAT names the first case that
# failed, or quotes the kernel.
# A host that may be damaged ends itself after "@@ damaged".
#
# usage: sh /add/guest.sh MUTANT=TEST,TEST... ...
# environment: SEED (for the tests), FIRST (if set, a mutant that was caught gets
# no more tests), WITHIN (seconds after which a mutant gets no more tests)
# Tests find in STILL what has one vCPU run alone on a CPU without a tick, if there
# are two CPUs, and in MEM and LONG how much memory a stress run takes on this host
# and how many of its seconds, which for Bochs' one CPU are long.
params=/sys/module/kvm/parameters
alarms='WARNING: |BUG: |BUG at |Oops|general protection|Call Trace|rcu:.*stall|blocked for more|Invalid SPTE change'
# Chosen: a killed test has to free its memory first, which takes seconds here.
grace=15

# A shell reaps its children whenever it waits for another one, so what was a
# zombie a moment ago may be gone: ask once, and believe it.
is_alive() {
	grep -q '^State:[^Z]*$' "/proc/$1/status" 2>/dev/null
}

ends_within() { # PID SECONDS
	local n=0
	while [ $n -lt $(($2 * 5)) ]; do
		is_alive "$1" || return 0
		usleep 200000
		n=$((n + 1))
	done
	return 1
}

# Let it end by itself, or kill it with all that it started.
wait_for() { # PID SECONDS
	ends_within "$1" "$2" && return 0
	kill -KILL -"$1" 2>/dev/null
	ends_within "$1" $grace || return 2
	return 1
}

first_failure() { # FILE: TAP's, else the last line that says anything
	sed -n 's/^ *not ok [0-9]* *-* *//p' "$1" | sed -n 1p | grep . ||
		grep -v '^[#[:space:]]*$' "$1" | tail -n 1 | cut -c 1-160 | tr '|' '/'
}

uptime_s() {
	cut -d. -f1 /proc/uptime
}

quoted() {
	dmesg | sed 's/^\[[^]]*\] *//' | grep -E "$alarms" | sed -n 1p | cut -c 1-160 | tr '|' '/'
}

judges() {
	# shellcheck disable=SC2046 # names without blanks
	set -- $(cat /tmp/r/[0-9]*/*/*.jsonl 2>/dev/null |
		sed -n 's/.*"type":"check","name":"\([^"]*\)","ok":false.*/\1/p' | sort -u)
	echo "${*:-end}"
}

one() { # MUTANT TEST SECONDS COMMAND
	local rc=0 verdict what='' judge='' alarm
	rm -rf /tmp/r
	echo "@@ start $1|$2"
	dmesg -c >/dev/null
	setsid sh -c "$4" >/tmp/out 2>&1 </dev/null &
	pid=$!
	wait_for $pid "$3"
	case $? in
	1) verdict=timeout ;;
	2) verdict=stuck ;;
	*)	wait $pid
		rc=$?
		case $rc in
		0) verdict=pass ;;
		4) verdict=skip ;;
		*) verdict=fail ;;
		esac ;;
	esac
	case $verdict in
	fail|timeout) judge=$(judges) ;;
	stuck) judge=end ;;
	esac
	[ $verdict = pass ] || what=$(first_failure /tmp/out)
	alarm=$(quoted)
	if [ -n "$alarm" ]; then
		[ $verdict = pass ] || [ $verdict = skip ] && verdict=alarm judge=kernel what=
		what="${what:+$what; }kernel: $alarm"
	fi
	echo "@@ result $1|$2|$verdict|$(cat $params/mutant_hits)|$judge|$what"
	[ -n "${SHOW-}" ] && sed 's/^/  /' /tmp/out
	[ -z "$alarm" ] && [ $verdict != stuck ] || damaged=1
	case $verdict in
	pass|skip) ;;
	*) caught=1 ;;
	esac
}

STILL='--vcpus 1' MEM=1M LONG=3
[ "$(nproc)" = 1 ] || STILL="$STILL --place 1,0" MEM=4M LONG=12
# The more stressors, the less a guest gets done beside them.
CONTENT=all,-fork,-ksm,-compact,-pageout,-flush,-poke,-collapse,-uffd
LOG=log=60,discard,remap,protect,collapse=20,split
export SEED STILL MEM LONG CONTENT LOG
damaged=''
for word; do
	mutant=${word%%=*} caught='' end=$(($(uptime_s) + WITHIN))
	echo "$mutant" >$params/mutant || exit 1
	for test in $(echo "${word#*=}" | tr , ' '); do
		IFS='|' read -r _ _ _ _ seconds command <<-END
		$(grep "^$test |" /add/tests.list)
		END
		# shellcheck disable=SC2086 # blanks around the number
		one "$mutant" "$test" $seconds "$command"
		[ -z "$damaged" ] || { echo "@@ damaged"; exit 0; }
		[ -z "${FIRST-}" ] || [ -z "$caught" ] || break
		[ "$mutant" = none ] || [ "$(uptime_s)" -lt $end ] || break
	done
done
exit 0
