# SPDX-License-Identifier: MIT
# Draws running threads over time as text, 80 columns wide: two series one in front of the other,
# and a line for the budget. Both series are binned by bins.awk with the same `bin`.
# usage: awk -v bin=S -v budget=B -v utf8=1 -v back_is=TEXT -v front_is=TEXT -f chart.awk WITHOUT.bins WITH.bins
BEGIN {
	width = 62
	rows_most = 18
	back = utf8 ? "░" : "."
	front = utf8 ? "█" : "#"
	dash = utf8 ? "╌" : "-"
	bar = utf8 ? "│" : "|"
}
FNR == 1 { series++ }
{
	value[series, FNR] = $2
	if ($2 > peak)
		peak = $2
}

# The smallest of 1, 2, 5, 10, 20 ... times `least` that cuts `total` into no more than `most`.
function step_for(total, most, least,    step, i) {
	step = least
	for (i = 0; total / step > most; i++)
		step *= i % 3 == 1 ? 2.5 : 2
	return step
}

# Whole threads to a row, and the budget at the border of two rows where that can be.
function row_step(    step) {
	for (step = 1; step <= budget; step++)
		if (budget % step == 0 && peak / step <= rows_most)
			return step
	return step_for(peak, rows_most, 1)
}

function budget_line(    i, line) {
	for (i = 0; i < width; i++)
		line = line dash
	printf "%7s%s%s budget %g\n", "", bar, line, budget
}

# A cell is filled from half of its height on. The series in front hides the other one.
function row(low, step,    i, line, half) {
	half = low + step / 2
	for (i = 1; i <= width; i++)
		line = line (value[2, i] >= half ? front : value[1, i] >= half ? back : " ")
	sub(/ +$/, "", line)
	printf "%6g %s%s\n", low + step, bar, line
}

# Ticks at round seconds, no more than eight.
function axis(    i, step, line, at, total, label) {
	total = width * bin
	step = step_for(total, 8, 0.001)
	line = sprintf("%6s 0", "")
	for (i = 1; i * step <= total; i++) {
		at = 7 + int(i * step / bin + 0.5)
		label = sprintf("%g%s", i * step, (i + 1) * step > total ? " s" : "")
		while (length(line) < at)
			line = line " "
		line = line label
	}
	print line
}

END {
	step = row_step()
	rows = int(peak / step + 0.5)
	if (rows * step < budget)
		rows = int(budget / step + 0.999)
	drawn = 0
	for (r = rows; r >= 1; r--) {
		if (!drawn && r * step <= budget) {
			budget_line()
			drawn = 1
		}
		row((r - 1) * step, step)
	}
	if (!drawn)
		budget_line()
	axis()
	printf "%7s%s %s    %s %s\n", "", back back, back_is, front front, front_is
}
