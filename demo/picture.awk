# SPDX-License-Identifier: MIT
# Draws running threads over time as SVG, a panel for each program, from what bins.awk made: DIR/
# PROGRAM.WAY.bins. LENGTHS says how long each run was, and in what words: python.with=6.4 s;...
# usage: awk -v dir=DIR -v budget=B -v pool=P -v turns=N -v lengths=LENGTHS -v title=TEXT
#   -v job=TEXT -f picture.awk
BEGIN {
	# Orange and blue of Okabe and Ito: told apart by colour-blind eyes, and in grey.
	without = "#e69f00"
	with = "#0072b2"
	grey = "#555555"
	left = 60
	right = 980
	high = 230
	for (n = split(lengths, part, ";"); n > 0; n--) {
		split(part[n], pair, "=")
		length_of[pair[1]] = pair[2]
	}
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 730\" width=\"1000\""
	print "  height=\"730\" font-family=\"sans-serif\" font-size=\"14\">"
	print "<title>Running threads over time, without and with ration</title>"
	print "<rect width=\"1000\" height=\"730\" fill=\"white\"/>"
	words(left, 34, title ":", "font-size=\"20\"")
	words(left, 58, job, "font-size=\"20\"")
	panel("python", "Python, numpy.linalg.inv", 110)
	panel("c", "C, LAPACKE dgetrf and dgetri", 400)
	words((left + right) / 2, 672, "time since the start, s", "text-anchor=\"middle\"")
	words(left, 700, "A thread is running when it is on a CPU or waits for one; counted every" \
		" 10 ms, drawn as means. " (pool > budget ? pool " busy processes are never" : ""), small())
	words(left, 718, (pool > budget ? "fewer than " pool " threads. " : "") \
		(turns > 1 ? "Of " turns " runs of each way, the one whose time is the middle one." : \
		"One run each."), small())
	print "</svg>"
}

function small() {
	return "font-size=\"12\" fill=\"" grey "\""
}

function words(x, y, text, how) {
	printf "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, how, text
}

function line(x1, y1, x2, y2, how) {
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, how
}

# The bins of one run; the last line is its end. Leaves t[], v[] and their number in `run`.
function load(run,    file, n) {
	file = dir "/" run ".bins"
	n = 0
	while ((getline < file) > 0) {
		t[run, ++n] = $1
		v[run, n] = $2
		if (v[run, n] > peak)
			peak = v[run, n]
	}
	close(file)
	if (t[run, n] > end)
		end = t[run, n]
	return n
}

function x_of(seconds) {
	return left + seconds / end * (right - left)
}

function y_of(threads) {
	return top + high * (1 - threads / most)
}

function area(run, n, colour,    i) {
	printf "<path fill=\"%s\" d=\"M%.1f %.1f", colour, left, y_of(0)
	for (i = 1; i < n; i++)
		printf "V%.1fH%.1f", y_of(v[run, i]), x_of(t[run, i + 1])
	printf "V%.1fZ\"/>\n", y_of(0)
}

# The smallest of 1, 2, 5, 10, 20 ... times `least` that cuts `total` into no more than `parts`.
function step_for(total, parts, least,    step, i) {
	step = least
	for (i = 0; total / step > parts; i++)
		step *= i % 3 == 1 ? 2.5 : 2
	return step
}

function ticks(    i, step) {
	step = step_for(most, 7, 1)
	for (i = 0; i <= most; i += step) {
		line(left, y_of(i), right, y_of(i), "stroke=\"#dddddd\"")
		words(left - 8, y_of(i) + 5, i, "text-anchor=\"end\" fill=\"" grey "\"")
	}
	step = step_for(end, 8, 0.01)
	for (i = 0; i <= end; i += step) {
		line(x_of(i), top + high, x_of(i), top + high + 5, "stroke=\"" grey "\"")
		words(x_of(i), top + high + 20, sprintf("%g", i), \
			"text-anchor=\"middle\" fill=\"" grey "\"")
	}
}

function legend(x, colour, text) {
	printf "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"12\" fill=\"%s\"/>\n", x, top - 20, colour
	words(x + 24, top - 9, text, "")
}

function dashes() {
	return "stroke=\"black\" stroke-width=\"1.5\" stroke-dasharray=\"12 6\""
}

# Behind is what ran without, in front what ran with ration, and over both the budget.
function panel(program, name, at,    n_without, n_with) {
	top = at
	peak = budget
	end = 0
	n_without = load(program ".without")
	n_with = load(program ".with")
	most = peak * 1.05
	ticks()
	area(program ".without", n_without, without)
	area(program ".with", n_with, with)
	line(left, y_of(budget), right, y_of(budget), dashes())
	line(left, top, left, top + high, "stroke=\"" grey "\"")
	line(left, top + high, right, top + high, "stroke=\"" grey "\"")
	printf "<text transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n", \
		top + high / 2, "running threads"
	words(left, top - 9, name, "font-weight=\"bold\"")
	legend(340, without, "without ration, " length_of[program ".without"])
	legend(590, with, "with ration, " length_of[program ".with"])
	line(826, top - 14, 860, top - 14, dashes())
	words(866, top - 9, "budget, " budget " core" (budget == 1 ? "" : "s"), "")
}
