#!/bin/sh
# SPDX-License-Identifier: MIT
# The main job in three ways: without ration, with the best setting by hand, with ration; three
# turns of them, for which each begins once. Prints a table, draws running threads over time. What
# is printed is measured here and now, good or bad.
# BUILD, VENV, DEMO_VENV: where things were built. N, ITEMS, POOL: the size of the job, instead of
# one for the machine. CORES: the budget. LIMIT: seconds after which a run is stopped (0: never).
# TURNS: how many. For a job of the machine's size no turn begins that would end after two minutes.
set -u
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}
VENV=${VENV:-build/venv}
DEMO_VENV=${DEMO_VENV:-build/demo-venv}
out=$BUILD/demo
pid=
begun=$(date +%s)
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

# So many items that the cores are busy for some three seconds, by hand: items_for SECONDS_EACH
items_for()
{
	awk -v each="$1" -v cores="$cores" -v pool="$POOL" 'BEGIN {
		items = pool * int(3 * cores / each / pool + 0.5)
		print (items < pool ? pool : items > 40 * pool ? 40 * pool : items)
	}'
}

# Three times what that takes by hand, or 10 s, or 20: limit_for SECONDS_EACH ITEMS
limit_for()
{
	awk -v each="$1" -v cores="$cores" -v items="$2" 'BEGIN {
		limit = int(3 * items * each / cores)
		print (limit < 10 ? 10 : limit > 20 ? 20 : limit)
	}'
}

choose_sizes()
{
	given=${N:-}${ITEMS:-}
	TURNS=${TURNS:-$([ -z "$given" ] && echo 3 || echo 1)}
	export N="${N:-1200}" POOL="${POOL:-6}"
	py_items=${ITEMS:-}
	c_items=${ITEMS:-}
	check_memory
	if [ -z "$py_items" ]; then
		each=$(seconds_each "$python" demo/pool_6x1.py) ||
			die "$python demo/pool_6x1.py does not run"
		py_items=$(items_for "$each")
		py_limit=$(limit_for "$each" "$py_items")
		each=$(seconds_each "$out/invert" -n "$N" -i 2 -p 1) ||
			die "$out/invert does not run"
		c_items=$(items_for "$each")
		c_limit=$(limit_for "$each" "$c_items")
		LIMIT=${LIMIT:-$((py_limit > c_limit ? py_limit : c_limit))}
	fi
	LIMIT=${LIMIT:-0}
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

# One run: measure PROGRAM.KIND COMMAND... leaves PROGRAM.KIND.TURN.{tsv,sum,log} in $out.
measure()
{
	run=$1
	name=$1.$turn
	shift
	[ ! -t 1 ] || printf '\r%-30s' "turn $turn: $run ..."
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
	echo "$run $turn $status $(cat "$out/$name.sum")" >>"$out/runs"
}

# way WAY: the job in both programs.
way()
{
	set -- "$1" "$out/invert" -n "$N" -i "$c_items" -p "$POOL"
	python_job=demo/pool_6x6.py
	threads=6
	under=
	case $1 in
	hand)	python_job=demo/pool_6x1.py threads=1 ;;
	with)	under="$BUILD/ration -n $cores --" ;;
	esac
	way=$1
	shift
	# shellcheck disable=SC2086 # $under is empty or several words
	{
		measure "python.$way" $under "$python" "$python_job"
		measure "c.$way" env OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
			$under "$@"
	}
}

# What else the machine does falls on all ways alike: each is the first once in three turns.
take_turns()
{
	rm -f "$out/runs" "$out"/python.* "$out"/c.*
	turn=0
	took=0
	while [ "$turn" -lt "$TURNS" ]; do
		now=$(date +%s)
		[ -n "$given" ] || [ $((now - begun + took)) -le 115 ] || break
		turn=$((turn + 1))
		case $((turn % 3)) in
		1)	order='without hand with' ;;
		2)	order='hand with without' ;;
		*)	order='with without hand' ;;
		esac
		for way in $order; do
			way "$way"
		done
		took=$(($(date +%s) - now))
	done
	[ ! -t 1 ] || printf '\r%-30s\r' ''
}

# The table; the middle run of each way becomes PROGRAM.WAY.{tsv,sum}.
tabulate()
{
	awk -v pool="$POOL" -v middle="$out/middle" -f demo/table.awk "$out/runs"
	while read -r run middle; do
		cp "$out/$run.$middle.tsv" "$out/$run.tsv"
		cp "$out/$run.$middle.sum" "$out/$run.sum"
	done <"$out/middle"
	cat <<END

A thread is running when it is on a CPU or waits for one: $POOL busy processes are never
fewer than $POOL threads. Each line is the run of its way whose time is the middle one, and in
brackets the times of all. Turns: $turn, each with all ways one after the other; other load on the
machine lengthens times and waiting, not the number of running threads.
END
	[ "$stopped" -eq 0 ] || echo "Runs marked > were stopped after $stopped s."
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

# In words: a run that was stopped says nothing of how long it would have been.
how_long()
{
	awk '{
		for (i = 1; i <= NF; i++) {
			split($i, pair, "=")
			v[pair[1]] = pair[2]
		}
		printf v["status"] ? "stopped after %.0f s" : "%.1f s", v["wall_s"]
	}' "$out/$1.sum"
}

draw_text()
{
	utf8=0
	[ "$(locale charmap 2>/dev/null)" != UTF-8 ] || utf8=1
	for program in python c; do
		make_bins "$program" 62
		title='Python, numpy.linalg.inv'
		[ "$program" = python ] || title='C, LAPACKE dgetrf and dgetri'
		printf '\n  Running threads, %s: %s x 6\n' "$title" "$POOL"
		awk -v bin="$width" -v budget="$cores" -v utf8="$utf8" \
			-v back_is="without ration, $(how_long "$program.without")" \
			-v front_is="with ration, $(how_long "$program.with")" -f demo/chart.awk \
			"$out/$program.without.bins" "$out/$program.with.bins"
	done
}

draw_picture()
{
	for program in python c; do
		make_bins "$program" 240
	done
	for run in python.without python.with c.without c.with; do
		printf '%s=%s;' "$run" "$(how_long "$run")"
	done >"$out/lengths"
	awk -v dir="$out" -v budget="$cores" -v pool="$POOL" -v turns="$turn" \
		-v lengths="$(cat "$out/lengths")" \
		-v title="$POOL processes, each told to use 6 BLAS threads, on $cores cores" \
		-v job="inverting $N x $N matrices" -f demo/picture.awk >"$out/running.svg"
	echo "The same as a picture: $out/running.svg"
}

conclude()
{
	awk -f demo/conclude.awk "$out/python.without.sum" "$out/python.hand.sum" \
		"$out/python.with.sum" "$out/c.without.sum" "$out/c.hand.sum" "$out/c.with.sum"
}

for program in "$BUILD/ration" "$out/watch" "$out/invert"; do
	[ -x "$program" ] || die "$program is not here: make it first"
done
find_python
choose_cores
choose_sizes
take_turns
tabulate
draw_text
echo
draw_picture
conclude
