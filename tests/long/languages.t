#!/bin/sh
# SPDX-License-Identifier: MIT
# Languages that bring no shim-aware library: each is run, and what it was told, or how many threads
# it has, is read from outside or by its own words. sh tests/deps.sh long brings them.
. "$(dirname "$0")/../lib.sh"
limit_s=120

cat >"$work/threads.R" <<'END_R'
threads <- function() length(list.files("/proc/self/task"))
a <- matrix(1:360000 %% 7, 600)
b <- sum(a %*% a)
cat("alone ", threads(), "\n", sep = "")
children <- parallel::mclapply(1:4, function(i) {
  for (k in 1:6) right <- sum(a %*% a) == b
  c(threads(), right)
}, mc.cores = 4)
for (child in children) cat("child ", child[1], " ", child[2], "\n", sep = "")
cat("again ", sum(a %*% a) == b, "\n", sep = "")
END_R
on_cpus 8 4 R --vanilla -s -f "$work/threads.R" >"$work/said"
is "$(grep -v child "$work/said")" "alone 4
again TRUE" "R: the budget"
is "$(grep -c '^child [1-4] 1$' "$work/said")" 4 "R: mclapply computes the same"
# The first may begin before the last is forked. Had each the budget, they would be 16.
at_most "$(awk '/^child/ { sum += $2 } END { print sum }' "$work/said")" 8 "R: each with its share"
is "$(OPENBLAS_NUM_THREADS=2 on_cpus 8 4 R --vanilla -s -f "$work/threads.R" | sed -n 1p)" \
	"alone 2" "R: a smaller wish stands"
workers='library(parallel); cat(getOption("mc.cores"))'
is "$(MC_CORES=16 on_cpus 8 4 R --vanilla -s -e "$workers")" 4 \
	"R: MC_CORES is no more than the budget"
is "$(MC_CORES=3 on_cpus 8 4 R --vanilla -s -e "$workers")" 3 "R: a smaller one stands"

cat >"$work/threads.m" <<'END_M'
a = mod(reshape(1:360000, 600, 600), 7);
b = a * a;
printf("nproc %d tasks %d\n", nproc(), numel(dir("/proc/self/task")));
END_M
# Beside those of OpenBLAS it has its first thread, and one of its own.
before=$(on_cpus 8 1 octave-cli --norc "$work/threads.m" 2>/dev/null)
after=$(on_cpus 8 4 octave-cli --norc "$work/threads.m" 2>/dev/null)
like "$before" '^nproc 1 tasks [0-9]+$' "Octave: nproc is the budget"
like "$after" '^nproc 4 tasks [0-9]+$' "Octave: whatever it is"
is "$((${after##* } - ${before##* }))" 3 "Octave: and so many threads has its BLAS"

is "$(on_cpus 8 4 node -e 'const os = require("os")
console.log((os.availableParallelism || (() => os.cpus().length))())')" 4 "Node: the budget"

# What the JVM derives its pools from: at most 8 processors, as many threads for its collector.
java_says()
{
	on_cpus 8 "$1" java -XX:+UseParallelGC -XX:+PrintFlagsFinal -version 2>/dev/null \
		| sed -n 's/.* ParallelGCThreads *= \([0-9]*\).*/\1/p'
}
is "$(java_says 4)" 4 "Java: the budget"
is "$(java_says 2)" 2 "Java: whatever it is"
done_testing
