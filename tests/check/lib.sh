# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# TAP for the test scripts, sourced: "ok NAME CONDITION..." and the like.
# B is the build directory, "$tmp" a scratch directory that is removed.

B=${B:-build}
B=$(cd "$B" && pwd -P) || exit 1
n=0
bad=0
tmp=$(mktemp -d) || exit 1
# Journals of these tests must not mix with those of a real run.
MMUBENCH_STATE=$tmp/state
export MMUBENCH_STATE
unset MMUBENCH_PLACE MMUBENCH_EMULATOR MMUBENCH_CLOCK MMUBENCH_RUN
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP

# ok NAME COMMAND...: passes when the command succeeds, and returns likewise
ok() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# failed: $*"
		bad=1
		return 1
	fi
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# run COMMAND...: sets status, leaves output in $tmp/out and $tmp/err
run() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# one_sentence: stderr is one line, not a usage text and no assertion
one_sentence() {
	[ "$(wc -l <"$tmp/err")" = 1 ] && ! grep -q 'Assertion' "$tmp/err"
}

# refused NAME STATUS PATTERN: the last run ended so, with one sentence
refused() {
	if [ "$status" = "$2" ] && one_sentence && grep -qi -e "$3" "$tmp/err"
	then
		ok "$1" true
	else
		ok "$1" false
		echo "# status $status (wanted $2), wanted one line with '$3', got:"
		sed 's/^/# /' "$tmp/err" | head -n 8
	fi
}

done_testing() {
	echo "1..$n"
	exit "$bad"
}

kvm_opens() {
	sh -c ': </dev/kvm' 2>/dev/null
}
