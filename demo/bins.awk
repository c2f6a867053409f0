# SPDX-License-Identifier: MIT
# Samples of `watch -o` to means: one line for each `bin` seconds, the moment it begins and how many
# threads were running in it; a last line with 0 for the end. A sample counts for the time until the
# next one, as in watch itself.
# usage: awk -v bin=SECONDS -f bins.awk SAMPLES.tsv
BEGIN { FS = OFS = "\t" }

function hold(from, to, running,    b, end) {
	for (b = int(from / bin + 1e-9); from < to; b++) {
		end = (b + 1) * bin < to ? (b + 1) * bin : to
		sum[b] += running * (end - from)
		time[b] += end - from
		from = end
		last = b
	}
}

FNR == 1 { next }
have { hold(t, $1, running) }
{ t = $1; running = $4; have = 1 }
END {
	for (b = 0; b <= last; b++)
		printf "%.4f\t%.3f\n", b * bin, (time[b] ? sum[b] / time[b] : 0)
	printf "%.4f\t0\n", t
}
