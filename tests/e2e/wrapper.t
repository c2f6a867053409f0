#!/bin/sh
# SPDX-License-Identifier: MIT
# What `ration` owes a command: its exit status, its process, its environment, and no surprise.
. "$(dirname "$0")/../lib.sh"

try="try 'ration --help'"
whole="give a whole number of cores, 1 to 4096"

returns 0   "a command that works" ration true
returns 3   "the command's own status" ration sh -c 'exit 3'
returns 143 "and its death by a signal, as the shell has it" sh -c '"$0" sh -c "kill \$\$"' \
	"$build/ration"
returns 125 "no command is our failure" ration
is "$(cat "$work/out")" "ration: no command given; $try" "said so"
returns 126 "a directory cannot be run" ration /
is "$(cat "$work/out")" "ration: /: Permission denied" "said so"
echo 'echo ran' >"$work/plain"
returns 126 "nor a file without leave" ration "$work/plain"
is "$(cat "$work/out")" "ration: $work/plain: Permission denied" "said so"
returns 127 "an unknown command" ration no-such-command
is "$(cat "$work/out")" "ration: no-such-command: No such file or directory" "said so"
returns 127 "an unknown path" ration "$work/none"

# refuses WORD OPTION...: our failure, that sentence, and nothing was run.
refuses()
{
	said=$1
	shift
	is "$(ration "$@" touch "$work/ran" 2>&1; echo $?)" "$said
125" "$*: refused"
}
for cores in 0 -1 4097 x 2x 1.5 '' ' ' 99999999999999999999; do
	refuses "ration: -n '$cores': $whole" -n "$cores"
done
refuses "ration: --report=: give a file, or --report alone for stderr" --report=
refuses "ration: $work/no/file: No such file or directory" "--report=$work/no/file"
is "$(RATION_CORES=6x ration touch "$work/ran" 2>&1)" "ration: RATION_CORES '6x': $whole" \
	"RATION_CORES is looked at as closely"
# getopt(3) calls us by the name that we were called by.
refuses "$build/ration: unrecognized option '--core-count'
ration: $try" --core-count
refuses "$build/ration: invalid option -- 'x'
ration: $try" -x
is "$(ration -n 2>&1; echo $?)" "$build/ration: option requires an argument -- 'n'
ration: $try
125" "-n without a number"
is "$(ls "$work")" "out
plain" "nothing was run, no file was made"

is "$(ration --version)" "ration $(sed -n 's/^VERSION *= *//p' "$root/Makefile")" "--version"
returns 0 "--help" ration --help
like "$(ration --help)" '^Usage: ration \[-n CORES\] \[--fence=WHEN\] \[-v \| --report' \
	"which goes to stdout"

is "$(ration echo -n a --version)" "a --version" "options after the command are the command's"
is "$(ration -n 1 -- echo --)" "--" "-- ends our options, the second is the command's"
is "$(ration --cores=1 nproc; ration --cores 1 nproc; ration -n1 nproc)" "1
1
1" "three ways to say one core"
is "$(sh -c 'echo $$; exec "$0" -n 1 sh -c "echo \$\$"' "$build/ration" | uniq | wc -l)" 1 \
	"the command has the wrapper's process"
for no_fence in --cores=4096 --fence=never; do
	strace -f -qq -e trace=fork,vfork,clone,clone3 -o "$work/trace" \
		"$build/ration" -n 1 $no_fence true
	is "$(cat "$work/trace")" "" "and no other was made on the way, $no_fence"
done

is "$(ration sh -c 'echo $LD_PRELOAD')" "$shim" "the shim is preloaded"
is "$(LD_PRELOAD=$probe/libfake.so ration sh -c 'echo $LD_PRELOAD')" "$probe/libfake.so:$shim" \
	"other preloads stay, and stay first"
is "$(LD_PRELOAD="$probe/libfake.so $shim" ration sh -c 'echo $LD_PRELOAD')" \
	"$probe/libfake.so $shim" "the shim is not listed twice"
is "$(LD_PRELOAD=$probe/libfake.so FAKE_CPUS=1 ration sh -c 'echo "$FAKE_CPUS$0"')" "1sh" \
	"the rest of the environment is the command's"

is "$(RATION_OFF=1 ration -n 1 sh -c 'echo "$LD_PRELOAD,$_RATION_JOB"; nproc')" ",
$(nproc)" "RATION_OFF=1: as if we were not there"
returns 127 "RATION_OFF=1, an unknown command" env RATION_OFF=1 "$build/ration" no-such-command
returns 126 "RATION_OFF=1, a directory" env RATION_OFF=1 "$build/ration" /
returns 125 "RATION_OFF=1, what we do not understand stays so" env RATION_OFF=1 "$build/ration" -n x
is "$(ration -n 1 env RATION_OFF=1 nproc)" "$(nproc)" "RATION_OFF=1 later: the shim is inert"

# fakes BUDGET COMMAND...: on a machine with six.
fakes()
{
	on_cpus 6 "$@"
}
is "$(fakes 4 nproc)" 4 "-n 4 of 6"
is "$(fakes 9 nproc)" 6 "-n 9 of 6 is 6"
is "$(fakes 4 "$build/ration" -n 2 nproc)" 2 "a ration in a ration can have less"
is "$(fakes 4 "$build/ration" -n 5 nproc)" 4 "but not more"
is "$(fakes 4 "$build/ration" nproc)" 4 "and says nothing: the same"
is "$(fakes 4 env RATION_CORES=3 "$build/ration" nproc)" 3 "RATION_CORES is taken for a missing -n"
is "$(fakes 4 env RATION_CORES=3 "$build/ration" -n 2 nproc)" 2 "-n goes first"
is "$(fakes 4 env RATION_CORES=5 "$build/ration" nproc)" 4 \
	"RATION_CORES cannot leave the job either"
is "$(fakes 4 env RATION_CORES=1 nproc)" 4 "and is of no concern to what runs already"
is "$(fakes 4 sh -c 'RATION_CORES= "$0" nproc' "$build/ration")" 4 "an empty one is none"

# Where it looks last was fixed when it was built; a shim may be installed there, or not.
mkdir "$work/alone"
cp "$build/ration" "$work/alone"
last=$(grep -aoE '/[^.][ -~]*/lib/ration' "$build/ration")
if [ -e "$last/libration.so" ]; then
	is "$("$work/alone/ration" sh -c 'echo $LD_PRELOAD')" "$last/libration.so" \
		"the installed shim"
else
	returns 125 "without its shim it does not pretend" "$work/alone/ration" touch "$work/ran"
	is "$(cat "$work/out")" "ration: $last/libration.so: No such file or directory; is ration \
installed whole? it belongs there or beside $work/alone/ration" "said what is missing, and where"
fi
mkdir "$work/a b" "$work/lib"
cp "$build/ration" "$shim" "$work/a b"
returns 125 "nor from where LD_PRELOAD cannot name it" "$work/a b/ration" true
like "$(cat "$work/out")" "a b/libration.so: LD_PRELOAD cannot name a path with a colon or a \
space; install ration elsewhere" "said so"
ln -s "$build/ration" "$work/lib/link"
is "$("$work/lib/link" sh -c 'echo $LD_PRELOAD')" "$shim" "through a link it finds the shim"
# Where no /proc tells where it is.
ln -s "$build/ration" "$work/ration"
is "$(unshare -Urm sh -c 'mount -t tmpfs tmpfs /proc && cd "$1" && "$0/ration" -n 1 nproc &&
	PATH=$0 ration -n 1 /usr/bin/nproc && ./ration -n 1 nproc' "$build" "$work" 2>&1 | xargs)" \
	"1 1 1" "without /proc it finds its library beside itself"
done_testing
