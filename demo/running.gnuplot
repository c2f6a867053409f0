# SPDX-License-Identifier: MIT
# Draws running.png: running threads over time, one panel for each program, from files that
# bins.awk made. usage: gnuplot -e "dir='DIR'; budget=B; pool=P; stopped=S; title='TEXT'" running.gnuplot
# S: seconds after which a run was stopped, or 0.
set terminal pngcairo size 1200,860 font "Sans,13" background rgb "white"
set output dir . "/running.png"

# Orange and blue of Okabe and Ito: told apart by colour-blind eyes, and in grey.
without = "#e69f00"
with = "#0072b2"

set multiplot layout 2,1 margins 0.07,0.97,0.135,0.86 spacing 0.15
set border 3 lc rgb "#555555"
set tics nomirror out
set grid ytics lc rgb "#dddddd" lt 1
set ylabel "running threads" offset 0.5
set key at graph 1.005,1.13 right top horizontal reverse Left samplen 2 width -4
set style fill solid 0.85 noborder
set label 1 title at screen 0.07,0.955 font "Sans,17"
note = "A thread is running when it is on a CPU or waits for one; counted every 10 ms, drawn as means."
if (pool > budget) { note = note . sprintf(" %d busy processes are never fewer than %d threads.", pool, pool) }
if (stopped) { note = sprintf("Some of it was stopped after %g s. ", stopped) . note }
set label 2 note at screen 0.07,0.025 font "Sans,11" tc rgb "#555555"

do for [p in "python c"] {
	w = dir . "/" . p . ".without.bins"
	r = dir . "/" . p . ".with.bins"
	stats w using 1:2 name "W" nooutput
	stats r using 1:2 name "R" nooutput
	end = W_max_x > R_max_x ? W_max_x : R_max_x
	top = W_max_y > R_max_y ? W_max_y : R_max_y
	top = top > budget ? top : budget
	set xrange [0:end * 1.02]
	set yrange [0:top * 1.08]
	set label 3 p eq "python" ? "Python, numpy.linalg.inv" : "C, LAPACKE dgetrf and dgetri" \
		at graph 0,1.09 font "Sans Bold,13"
	if (p eq "c") { set xlabel "time since the start, s" offset 0,0.3 }
	set arrow 1 from graph 0,first budget to graph 1,first budget nohead lw 2 dt (14,7) lc rgb "black" front
	plot w using 1:2 with filledcurves y1=0 fc rgb without \
		title sprintf("without ration, %.1f s", W_max_x), \
	     r using 1:2 with filledcurves y1=0 fc rgb with \
		title sprintf("with ration, %.1f s", R_max_x), \
	     NaN with lines lw 2 dt (14,7) lc rgb "black" title sprintf("budget, %g cores", budget)
	unset label 1 # they belong to the whole and were drawn
	unset label 2
}
unset multiplot
