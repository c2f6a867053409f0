#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [PART]...: break a copy of the sources on purpose, fault by fault (tests/mutants/*.txt),
# and see each of them found by the test that is named with it. PART: only those whose file, test
# or text has it. A fault that does not apply any more, or does not compile, is an error like one
# that lives: it says nothing about the tests. As root, for some tests need it.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
work=$build/mutants
tree=$work/tree
export BUILD="$tree/build" # the same name for make and for the tests
export VENV="${VENV:-$root/build/venv}" NUMPYS="${NUMPYS:-$root/build/numpy}"
export RUNTIMES="${RUNTIMES:-$root/build/runtimes}"
count=0
failed=0

verdict()
{
	count=$((count + 1))
	[ -z "$2" ] && echo "ok $count - $1" && return
	failed=$((failed + 1))
	echo "not ok $count - $1: $2"
	[ ! -s "$work/log" ] || tail -n 5 "$work/log" | sed 's/^/# /'
}

# The copy is kept, so that only what has changed is compiled again; what was broken there, by a run
# that may not have come to its end, has changed.
lay_out()
{
	mkdir -p "$tree"
	tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$tree" -xf -
	touch "$work/broken"
	while read -r file; do
		touch "$tree/$file"
	done <"$work/broken"
	: >"$work/broken"
}

# A unit test needs itself alone.
make_for()
{
	case $1 in
	unit/*) goals=$BUILD/tests/$1 ;;
	*)	goals=everything ;;
	esac
	make -s -C "$tree" -j2 BUILD="$BUILD" "$goals" >"$work/log" 2>&1
}

# run_test TEST: 0: passes. One that waits for ever has found something too. What a test that stops
# half-way has left behind ends with it.
run_test()
{
	case $1 in
	unit/*) set -- "$BUILD/tests/$1" ;;
	*)	set -- sh "$tree/tests/$1" ;;
	esac
	(cd "$tree" && exec setsid timeout --foreground -k 5 300 "$@") \
		>"$work/log" 2>&1 </dev/null &
	test=$!
	wait "$test"
	status=$?
	kill -KILL -- "-$test" 2>/dev/null
	return $status
}

# mutate FILE TEST WHAT: with the script in $work/script.
mutate()
{
	if ! sed -f "$work/script" "$root/$1" >"$work/mutant" || cmp -s "$work/mutant" "$root/$1"
	then
		: >"$work/log"
		verdict "$3 ($1)" "no longer applies"
		return
	fi
	echo "$1" >>"$work/broken"
	cp "$work/mutant" "$tree/$1"
	if ! make_for "$2"; then
		verdict "$3 ($1)" "does not compile"
	elif run_test "$2"; then
		verdict "$3 ($1)" "lives: $2 does not find it"
	else
		verdict "$3: found by $2" ""
	fi
	cp "$root/$1" "$tree/$1"
}

chosen()
{
	[ $# -gt 1 ] || return 0
	subject=$1
	shift
	for part; do
		case $subject in *"$part"*) return 0 ;; esac
	done
	return 1
}

unset MAKEFLAGS MAKELEVEL MFLAGS
export STOP_AT_FIRST=yes # of tests/lib.sh: one that fails is enough
lay_out
cat "$root"/tests/mutants/*.txt | grep -v '^#' >"$work/list"

# Each test passes while nothing is broken: else it would find anything.
awk '/^[^\t]/ { print $2 }' "$work/list" | sort -u >"$work/tests"
while read -r named <&3; do
	grep -F " $named " "$work/list" >"$work/lines"
	while read -r line; do
		chosen "$line" "$@" && break
	done <"$work/lines" || continue
	if ! make_for "$named"; then
		verdict "$named, nothing broken" "does not compile"
	elif run_test "$named"; then
		verdict "$named passes while nothing is broken" ""
	else
		verdict "$named, nothing broken" "fails"
	fi
done 3<"$work/tests"

# A fault is a line FILE TEST WHAT, and a script for sed, indented.
header=
while IFS= read -r line <&3 || { line=end && [ -n "$header" ]; }; do
	case $line in
	"	"*) printf '%s\n' "${line#	}" >>"$work/script"; continue ;;
	esac
	# shellcheck disable=SC2086 # its words
	[ -z "$header" ] || ! chosen "$header" "$@" || {
		what=$(echo "$header" | cut -d ' ' -f 3-)
		set -f
		words=$header
		mutate "${words%% *}" "$(echo "$words" | cut -d ' ' -f 2)" "$what"
		set +f
	}
	header=$line
	: >"$work/script"
	[ "$line" != end ] || break
done 3<"$work/list"
echo "1..$count"
echo "# $((count - failed)) passed, $failed failed"
exit $((failed != 0))
