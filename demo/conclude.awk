# SPDX-License-Identifier: MIT
# What ration changed, in a sentence, from the summaries of the middle runs alone. A stopped run
# would have taken longer: the saving is at least so much, and its CPU time is not known.
# usage: awk -f conclude.awk PROGRAM.WAY.sum..., those with ration after the others of their program
function change(key, what,    saved) {
	saved = 100 * (1 - v["with", key] / v["without", key])
	return sprintf(" %.0f %% %s %s", saved < 0 ? -saved : saved, \
		saved < 0 ? "more" : "less", what)
}
function outcome(    text) {
	if (v["with", "status"])
		return " stopped after " v["with", "wall_s"] " s"
	text = v["without", "status"] ? " at least" change("wall_s", "time") : \
		change("wall_s", "time") "," change("cpu_s", "CPU")
	if (!v["hand", "status"])
		text = text sprintf(" (%.2f of the time by hand)", \
			v["with", "wall_s"] / v["hand", "wall_s"])
	return text
}
{
	n = split(FILENAME, part, "[./]")
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		v[part[n - 1], pair[1]] = pair[2]
	}
	if (part[n - 1] == "with")
		text = text (text ? ";" : "") " " (part[n - 2] == "c" ? "C" : "Python") \
			outcome()
}
END { print "With ration:" text "." }
