#!/bin/sh
# SPDX-License-Identifier: MIT
# The main job three times: without ration, with the best setting by hand, with ration. Prints a
# table, draws running threads over time. What is printed is measured here and now, good or bad.
# BUILD, VENV, DEMO_VENV: where things were built. N, ITEMS, POOL: the size of the job, instead of
# one for the machine. CORES: the budget. LIMIT: seconds after which a run is stopped (0: never).
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
VENV=${VENV:-build/venv}
DEMO_VENV=${DEMO_VENV:-build/demo-venv}
out=$BUILD/demo
pid=
stopped=0 # or the limit that a run has met
unset OMP_NUM_THREADS OMP_THREAD_LIMIT OPENBLAS_NUM_THREADS GOTO_NUM_THREADS MKL_NUM_THREADS \
	RATION_CORES RATION_OFF RATION_DEBUG

die()
{
	echo "demo: $*" >&2
	exit 1
}

stop()
{
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	exit 130
}
trap stop INT TERM HUP

find_python()
{
	for python in "$VENV/bin/python" "$DEMO_VENV/bin/python" /usr/bin/python3; do
		numpy=$("$python" -c 'import numpy; print("numpy", numpy.__version__)' \
			2>/dev/null) && return
	done
	die "no Python with numpy: make venv, or install python3-numpy"
}

# The first CPUs that we may run on, as taskset takes them: first_cpus COUNT
first_cpus()
{
	taskset -cp $$ | awk -v count="$1" '{
		n = split($NF, parts, ",")
		for (i = 1; i <= n; i++) {
			split(parts[i] "-" parts[i], ends, "-")
			for (cpu = ends[1]; cpu <= ends[2]; cpu++)
				if (found++ < count)
					list = list (list == "" ? "" : ",") cpu
		}
		print list
	}'
}

# The job is that of six cores. A larger machine is cut down to them, so that all three runs have
# the same CPUs; a smaller one is used as it is.
choose_cores()
{
	here=$(nproc)
	cores=${CORES:-$here}
	[ "$cores" -le 6 ] || [ -n "${CORES:-}" ] || cores=6
	[ "$cores" -le "$here" ] || die "CORES=$cores: there are only $here here"
	on=
	if [ "$cores" -lt "$here" ]; then
		on="taskset -c $(first_cpus "$cores")"
		echo "$here cores here: budget $cores, and all runs are kept to $cores of them."
	else
		echo "$here cores here: budget $cores."
	fi
}

# How long one thread takes for one item: seconds_each COMMAND..., which says "... in X s, ..."
seconds_each()
{
	POOL=1 ITEMS=2 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 "$@" 2>/dev/null | tr '\r' '\n' |
		awk '/ in .* s,/ { sub(/.* in /, ""); s = $1 / 2 } END { if (!s) exit 1; print s }'
}

# So many items that the cores are busy for some six seconds, by hand: items_for SECONDS_EACH
items_for()
{
	awk -v each="$1" -v cores="$cores" -v pool="$POOL" 'BEGIN {
		items = pool * int(6 * cores / each / pool + 0.5)
		print (items < 2 * pool ? 2 * pool : items > 40 * pool ? 40 * pool : items)
	}'
}

choose_sizes()
{
	given=${N:-}${ITEMS:-}
	LIMIT=${LIMIT:-$([ -z "$given" ] && echo 30 || echo 0)}
	export N="${N:-1200}" POOL="${POOL:-6}"
	py_items=${ITEMS:-}
	c_items=${ITEMS:-}
	check_memory
	if [ -z "$py_items" ]; then
		each=$(seconds_each "$python" demo/pool_6x1.py) ||
			die "$python demo/pool_6x1.py does not run"
		py_items=$(items_for "$each")
		each=$(seconds_each "$out/invert" -n "$N" -i 2 -p 1) ||
			die "$out/invert does not run"
		c_items=$(items_for "$each")
	fi
	export ITEMS="$py_items"
	echo "Matrices of $N x $N, $POOL processes: $py_items items for Python ($numpy)," \
		"$c_items for C."
	[ "$cores" -ge 6 ] ||
		echo "OpenBLAS (pthread) uses no more threads than it sees CPUs: 6 is $cores here."
}

# numpy.linalg.inv holds four matrices at once.
check_memory()
{
	awk -v n="$N" -v pool="$POOL" '/^MemAvailable/ {
		need = pool * 4 * 8 * n * n / 2^30
		free = $2 / 2^20
		if (need <= free)
			exit
		printf "demo: N=%d POOL=%d need %.0f GiB, %.1f are free; ", n, pool, need, free
		print "take a smaller N or POOL"
		exit 1
	}' /proc/meminfo >&2 || exit 1
}

# One run: measure PROGRAM.KIND COMMAND... leaves PROGRAM.KIND.{tsv,sum,log} in $out.
measure()
{
	name=$1
	shift
	[ ! -t 1 ] || printf '%s ...\r' "$name"
	# shellcheck disable=SC2086 # $on is empty or several words
	timeout -k 5 "$LIMIT" $on "$out/watch" -b "$cores" -o "$out/$name.tsv" \
		-s "$out/$name.sum" -- "$@" >"$out/$name.log" 2>&1 &
	pid=$!
	wait "$pid"
	status=$?
	pid=
	[ "$status" -ne 124 ] || stopped=$LIMIT
	[ "$status" -eq 124 ] || [ "$status" -eq 0 ] || {
		tail -n 5 "$out/$name.log" >&2
		die "$name: exit status $status"
	}
	table_row "$name" "$status"
}

table_head()
{
	printf '\n%-28s %7s         running threads  %7s  %s\n' '' wall CPU 'waiting,'
	printf '%-28s %7s %6s   %5s %4s %4s  %7s  %s\n' run s procs mean p95 peak s 'per CPU s'
}

# A run that was stopped has a > before its time, and the CPU time that was seen of it.
table_row()
{
	awk -v name="$1" -v stopped="$(($2 == 124))" -v pool="$POOL" '{
		for (i = 1; i <= NF; i++) {
			split($i, pair, "=")
			v[pair[1]] = pair[2]
		}
		split(name, part, ".")
		run = (part[1] == "c" ? "C" : "Python") " " pool " x "
		run = run (part[2] == "hand" ? "1, set by hand" : \
			part[2] == "with" ? "6, with ration" : "6, without ration")
		wall = sprintf("%s%.2f", stopped ? ">" : "", v["wall_s"])
		printf "%-28s %7s %6d   %5.1f %4d %4d  %7.1f  %9.1f\n", run, wall, v["procs_max"], \
			v["r_mean"], v["r_p95"], v["r_max"], v[stopped ? "run_s" : "cpu_s"], \
			v["wait_per_run"]
	}' "$out/$1.sum"
}

run_python()
{
	measure python.without "$python" demo/pool_6x6.py
	measure python.hand "$python" demo/pool_6x1.py
	measure python.with "$BUILD/ration" -n "$cores" -- "$python" demo/pool_6x6.py
}

# invert COUNT [COMMAND...]: the C program, told COUNT threads by the environment, run by COMMAND
run_c()
{
	set -- "$out/invert" -n "$N" -i "$c_items" -p "$POOL"
	measure c.without env OMP_NUM_THREADS=6 OPENBLAS_NUM_THREADS=6 "$@"
	measure c.hand env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$@"
	measure c.with env OMP_NUM_THREADS=6 OPENBLAS_NUM_THREADS=6 \
		"$BUILD/ration" -n "$cores" -- "$@"
}

# The longer run of the two over so many bins: bin_width PROGRAM BINS
bin_width()
{
	awk -v bins="$2" 'FNR > 1 && $1 > longest { longest = $1 } END { print longest / bins }' \
		"$out/$1.without.tsv" "$out/$1.with.tsv"
}

make_bins()
{
	width=$(bin_width "$1" "$2")
	for kind in without with; do
		awk -v bin="$width" -f demo/bins.awk "$out/$1.$kind.tsv" >"$out/$1.$kind.bins"
	done
}

draw_text()
{
	utf8=0
	[ "$(locale charmap 2>/dev/null)" != UTF-8 ] || utf8=1
	for program in python c; do
		make_bins "$program" 62
		case $program in
		python) title='Python, numpy.linalg.inv' ;;
		c) title='C, LAPACKE dgetrf and dgetri' ;;
		esac
		printf '\n  Running threads, %s: %s x 6\n' "$title" "$POOL"
		awk -v bin="$width" -v budget="$cores" -v utf8="$utf8" -f demo/chart.awk \
			"$out/$program.without.bins" "$out/$program.with.bins"
	done
}

draw_png()
{
	rm -f "$out/running.png"
	if ! command -v gnuplot >/dev/null; then
		echo "No picture: gnuplot is not here (Debian: gnuplot-nox)."
		return
	fi
	make_bins python 240
	make_bins c 240
	title="$POOL processes, each told to use 6 BLAS threads, on $cores cores:"
	title="$title inverting $N x $N matrices"
	gnuplot -e "dir='$out'; budget=$cores; pool=$POOL; stopped=$stopped; title='$title'" \
		demo/running.gnuplot || die "gnuplot could not draw"
	echo "The same as a picture: $out/running.png"
}

# What ration changed, from the summaries alone. A stopped run would have taken longer: the saving
# is at least so much, and its CPU time is not known.
conclude()
{
	awk '
	function change(key, what,    saved) {
		saved = 100 * (1 - v["with", key] / v["without", key])
		return sprintf(" %.0f %% %s %s", saved < 0 ? -saved : saved, \
			saved < 0 ? "more" : "less", what)
	}
	function outcome() {
		if (v["with", "status"])
			return " stopped after " v["with", "wall_s"] " s"
		if (v["without", "status"])
			return " at least" change("wall_s", "time")
		return change("wall_s", "time") "," change("cpu_s", "CPU")
	}
	{
		n = split(FILENAME, part, "[./]")
		for (i = 1; i <= NF; i++) {
			split($i, pair, "=")
			v[part[n - 1], pair[1]] = pair[2]
		}
		if (part[n - 1] == "with")
			text = text (text ? "; " : " ") (part[n - 2] == "c" ? "C" : "Python") \
				outcome()
	}
	END { print "With ration, one run each:" text "." }' \
		"$out/python.without.sum" "$out/python.with.sum" \
		"$out/c.without.sum" "$out/c.with.sum"
}

for program in "$BUILD/ration" "$out/watch" "$out/invert"; do
	[ -x "$program" ] || die "$program is not here: make it first"
done
find_python
choose_cores
choose_sizes
table_head
run_python
run_c
cat <<END

A thread is running when it is on a CPU or waits for one: $POOL busy processes are never
fewer than $POOL threads. One run each: other load on the machine lengthens the wall
time and the waiting, not the number of running threads.
END
[ "$stopped" -eq 0 ] || echo "Runs marked > were stopped after $stopped s."
draw_text
echo
draw_png
conclude
