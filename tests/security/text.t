#!/bin/sh
# SPDX-License-Identifier: MIT
# What others wrote reaches no terminal as it is: it neither moves the cursor nor hides a line.
. "$(dirname "$0")/lib.sh"

site 'default { cores = 2 }'
# The escapes of a stranger's environment, in the answer's first line and in the others.
cat >"$work/stranger" <<'END'
SLURM_JOB_ID=$(printf '7\033]0;owned\007') SLURM_CPUS_ON_NODE=$(printf '1\033[2J\233m') \
SLURM_CPUS_PER_TASK=$(printf '1\r\033[K\302\233\342\200\256e\314\201') exec sleep 60
END
as ill env LD_PRELOAD="$bin/libration.so" sh "$work/stranger" &
pid=$(sleeper)
said=$(ctl why "$pid")
like "$said" 'carries the shim.*job 7\?]0;owned\?: SLURM_CPUS_ON_NODE=1\?\[2J\?m ' "why answers"
like "$said" '^slurm .*SLURM_CPUS_PER_TASK=1\?\?\[K\?\?' "and says what it follows from"
raw=$(printf '%s' "$said" | LC_ALL=C tr -d '\n\040-\176' | od -An -c)
is "$raw" "" "in printable ASCII alone"
locale=C.UTF-8
said=$(ctl why "$pid")
unlike "$(printf '%s' "$said" | od -An -tx1 | tr -d '\n')" '(1b|0d|07|c2 9b|e2 80 ae)' \
	"where the locale is one of UTF-8, no control character of it, and none of directions"
like "$said" "$(printf 'e\314\201')" "but its letters"
kill "$pid"
wait 2>/dev/null

# A configuration of the user's, quoted in a message.
printf 'c\033[31mores = 1\n' >"$work/home/ill/.config/ration.conf"
chown 4001 "$work/home/ill/.config/ration.conf"
said=$(ctl show ill)
like "$said" '^own .*not heeded' "show"
is "$(printf '%s' "$said" | LC_ALL=C tr -d '\n\040-\176' | od -An -c)" "" "in printable ASCII"

# And one that root has been given to look at: check quotes what is wrong in it.
printf 'user "no\342\200\256body" { cores = 1 }\n' >"$work/given"
said=$(ctl check "$work/given")
like "$said" 'given:1: there is no user "no\?\?\?body"' "check says what is wrong"
is "$(printf '%s' "$said" | LC_ALL=C tr -d '\n\040-\176' | od -An -c)" "" "in printable ASCII"

# A message to stderr, of a name that the caller gave.
said=$("$bin/ration" "$work/$(printf 'no\033[2Jne')" 2>&1)
like "$said" 'no\?\[2Jne: No such file or directory' "ration's own messages"
done_testing
