# shellcheck shell=sh disable=SC2034 # the names below are for the files that source this
# SPDX-License-Identifier: MIT
# Sourced first by every .t file: TAP in plain sh, the build under test, and a clean table.
# A test states what it expects with is, like, at_most or returns, and ends with done_testing.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
probe=$build/tests/probe
shim=$build/libration.so
# Without wheels (make venv makes them) the tests that need them fail; they are not skipped.
wheels=${VENV:-$root/build/venv}/bin/python
numpys=${NUMPYS:-$root/build/numpy}
runtimes=${RUNTIMES:-$root/build/runtimes}
debian=/usr/bin/python3
# What to put into LD_LIBRARY_PATH for one flavour of Debian's OpenBLAS or the other.
blas_pthread=$(echo /usr/lib/*/openblas-pthread)
blas_openmp=$(echo /usr/lib/*/openblas-openmp)

# LLVM's OpenMP: by its version to LLVM 22, without one from then on (sid).
libomp=$(readlink -f "$(find /usr/lib/llvm-*/lib/libomp.so.5 /usr/lib/*/libomp.so.5 2>/dev/null |
	tail -n 1)")

# Nothing of the caller's own settings may decide a test.
unset LD_PRELOAD LD_LIBRARY_PATH RATION_CORES RATION_OFF RATION_DEBUG _RATION_JOB PYTHONPATH
unset OPENBLAS_NUM_THREADS GOTO_NUM_THREADS OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_DYNAMIC
unset OMP_PROC_BIND OMP_PLACES OMP_WAIT_POLICY GOMP_SPINCOUNT OPENBLAS_THREAD_TIMEOUT
unset _RATION_TABLE MKL_NUM_THREADS BLIS_NUM_THREADS NUMEXPR_NUM_THREADS NUMEXPR_MAX_THREADS
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
# Python 3.12 and later warn of every fork where there are threads.
export PYTHONWARNINGS=ignore::DeprecationWarning
# Nor may the configuration of this machine, or of whoever tests.
export RATION_CONF="" XDG_CONFIG_HOME=/nonexistent
# Each test file has a ledger of its own, swept away at the end: it meets no other guests.
export _RATION_LEDGER=$$

work=$(mktemp -d "${TMPDIR:-/tmp}/ration-test.XXXXXX")
trap 'rm -rf "$work"; "$probe/forget" "$_RATION_LEDGER" >/dev/null 2>&1' EXIT
trap 'exit 1' HUP INT TERM

ration()
{
	timeout "${limit_s:-60}" "$build/ration" "$@"
}

# until_says WANTED COMMAND [ARG]...: what the command says. Where that is something else it is
# asked again, three times in all: for what other load on this machine decides as well.
until_says()
{
	wanted=$1
	shift
	for try in 1 2 3; do
		said=$("$@")
		[ "$said" != "$wanted" ] || break
		[ "$try" = 3 ] || echo "# try $try: $said" >&2
	done
	printf '%s\n' "$said"
}

# on_cpus CPUS BUDGET COMMAND [ARG]...: as on a machine with so many CPUs. What stands for the
# machine has to lie behind the shim, so the order of preloads is put right again by env. Spinning
# threads that outnumber the real CPUs crawl: let them give up soon. With $report, a report goes
# to that file.
on_cpus()
{
	(
		export FAKE_CPUS="$1" OPENBLAS_THREAD_TIMEOUT=8 LD_PRELOAD="$probe/libfake.so"
		budget=$2
		shift 2
		ration -n "$budget" ${report:+"--report=$report"} \
			env LD_PRELOAD="$shim:$probe/libfake.so" "$@"
	)
}

# undisturbed CPUS COMMAND [ARG]...: without ration, on such a machine.
undisturbed()
{
	claimed=$1
	shift
	timeout "${limit_s:-60}" env "FAKE_CPUS=$claimed" OPENBLAS_THREAD_TIMEOUT=8 \
		"LD_PRELOAD=$probe/libfake.so" "$@"
}

# use FLAVOUR: from here on $python brings numpy with that OpenBLAS: wheel is the newest, runtimes
# the same with the wheels of tests/runtimes.txt, a number is an older wheel, pthread and openmp are
# Debian's. tests/probe is where it finds modules of ours.
flavours="wheel $(cd "$numpys" && echo [0-9]*) pthread openmp"
use()
{
	python=$wheels
	export PYTHONPATH="$root/tests/probe"
	unset LD_LIBRARY_PATH
	case $1 in
	wheel)	;;
	runtimes) PYTHONPATH=$runtimes:$PYTHONPATH ;;
	pthread) python=$debian; export LD_LIBRARY_PATH="$blas_pthread" ;;
	openmp)	python=$debian; export LD_LIBRARY_PATH="$blas_openmp" ;;
	*)	PYTHONPATH=$numpys/$1:$PYTHONPATH ;;
	esac
}

count=0
failed=0

# verdict STATUS NAME: one line of TAP. Returns STATUS, so that the caller can say what it saw. A
# failure is told on stderr too, where prove shows it.
verdict()
{
	count=$((count + 1))
	[ "$1" = 0 ] && echo "ok $count - $2" && return 0
	failed=$((failed + 1))
	echo "not ok $count - $2"
	echo "# $0: not ok $count - $2" >&2
	[ -z "${STOP_AT_FIRST:-}" ] || exit 1
	return 1
}

# saw LABEL TEXT: what was got or wanted, as TAP comments.
saw()
{
	printf '%s\n' "$2" | sed "s/^/# $1: /"
}

# is GOT WANTED NAME: the very same text.
is()
{
	[ "$1" = "$2" ]
	verdict $? "$3" || { saw got "$1"; saw want "$2"; } >&2
}

# like GOT REGEX NAME: some line matches the extended regular expression.
like()
{
	printf '%s\n' "$1" | grep -Eq -e "$2"
	verdict $? "$3" || { saw got "$1"; saw "want a line like" "$2"; } >&2
}

# unlike GOT REGEX NAME: no line does.
unlike()
{
	! printf '%s\n' "$1" | grep -Eq -e "$2"
	verdict $? "$3" || { saw got "$1"; saw "want no line like" "$2"; } >&2
}

# at_most GOT LIMIT NAME, at_least GOT LIMIT NAME: numbers, decimals too; anything else fails.
at_most()
{
	compare "$1" '<=' "$2"
	verdict $? "$3" || { saw got "$1"; saw "want at most" "$2"; } >&2
}

at_least()
{
	compare "$1" '>=' "$2"
	verdict $? "$3" || { saw got "$1"; saw "want at least" "$2"; } >&2
}

compare()
{
	awk -v a="$1" -v b="$3" 'BEGIN {
		number = "^-?[0-9]+([.][0-9]+)?$"
		exit !(a ~ number && b ~ number && a + 0 '"$2"' b + 0)
	}'
}

# returns STATUS NAME COMMAND [ARG]...
returns()
{
	wanted=$1
	what=$2
	shift 2
	"$@" >"$work/out" 2>&1
	got=$?
	[ "$got" = "$wanted" ]
	verdict $? "$what" || {
		saw got "$got"
		saw want "$wanted"
		saw said "$(cat "$work/out")"
	} >&2
}

# The plan comes last: a test file that dies half-way has none, and prove fails it. A guest that is
# still alive by then is a failure too: every test waits for what it started.
done_testing()
{
	is "$("$probe/forget" "$_RATION_LEDGER" || echo failed)" "" "no guest is left behind"
	echo "1..$count"
	exit "$((failed != 0))"
}
