# SPDX-License-Identifier: MIT
# The table of the demo, from lines "PROGRAM.WAY TURN STATUS name=value...". Each line of it is the
# run whose time is the middle one (of two, the longer); which that was goes into the file `middle`.
# A run that was stopped has a > before its time, and the CPU time that was seen of it.
# usage: awk -v pool=P -v middle=FILE -f table.awk RUNS
{
	n = ++count[$1, 0]
	for (i = 4; i <= NF; i++) {
		split($i, pair, "=")
		v[$1, n, pair[1]] = pair[2]
	}
	turn[$1, n] = $2
	stopped[$1, n] = $3 == 124
}

# Insertion: place[1] is the shortest.
function sort_runs(run,    i, j, n) {
	n = count[run, 0]
	for (i = 1; i <= n; i++) {
		for (j = i; j > 1 && v[run, place[j - 1], "wall_s"] + 0 > v[run, i, "wall_s"] + 0; j--)
			place[j] = place[j - 1]
		place[j] = i
	}
	return n
}

function wall(run, i) {
	return sprintf("%s%.2f", stopped[run, i] ? ">" : "", v[run, i, "wall_s"])
}

function row(run,    n, m, part, label, all) {
	n = sort_runs(run)
	m = place[int(n / 2) + 1]
	all = wall(run, place[1]) (n > 1 ? " to " wall(run, place[n]) : "")
	split(run, part, ".")
	label = (part[1] == "c" ? "C" : "Python") " " pool " x " (part[2] == "hand" ? \
		"1, set by hand" : part[2] == "with" ? "6, with ration" : "6, without ration")
	printf "%-28s %6s %16s %6.1f %4d %4d %5.1f %9.1f\n", label, wall(run, m), "(" all ")", \
		v[run, m, "r_mean"], v[run, m, "r_p95"], v[run, m, "r_max"], \
		v[run, m, stopped[run, m] ? "run_s" : "cpu_s"], v[run, m, "wait_per_run"]
	print run, turn[run, m] >middle
}

END {
	printf "\n%-28s %6s %16s %17s %4s %9s\n", "", "wall", "", "running threads", "CPU", "waiting,"
	printf "%-28s %6s %16s %6s %4s %4s %5s %9s\n", "run", "s", "(all turns)", "mean", "p95", \
		"peak", "s", "a CPU s"
	split("without hand with", kinds, " ")
	for (p = 1; p <= 2; p++)
		for (k = 1; k <= 3; k++)
			row((p == 1 ? "python" : "c") "." kinds[k])
}
