#!/bin/sh
# SPDX-License-Identifier: MIT
# applied.sh USER [PYTHON]: how soon a change of /etc/ration.conf holds for that user's programs,
# new ones and one that computes with NumPy, in milliseconds: when systemd sees the file change, or
# where it does not watch, after rationctl apply. As root, on a machine to try it on, where
# `rationctl enable --preload` has been run; its configuration is put back.
set -eu
user=$1
python=${2:-python3}
conf=/etc/ration.conf
now()
{
	date +%s%3N
}
# say CORES: put in force, in one step.
say()
{
	printf 'default { cores = %s }\nuser "root" { exempt = true }\n' "$1" >$conf.new
	mv $conf.new $conf
	began=$(now)
	systemctl -q is-active ration-apply.path 2>/dev/null || rationctl apply >/dev/null
}
# until_is CORES COMMAND: how long it takes to be so, of ten seconds.
until_is()
{
	while [ "$(eval "$2")" != "$1" ]; do
		[ $(($(now) - began)) -lt 10000 ] || break
	done
	echo $(($(now) - began))
}
cp $conf $conf.kept
say 2 # what a program has when it begins is the most that it can have
sleep 1
setpriv --reuid "$user" --regid "$user" --init-groups "$python" -c '
import numpy
a = numpy.ones((400, 400))
while True: a @ a' &
program=$!
trap 'kill $program; mv $conf.kept $conf; rationctl apply >/dev/null' EXIT
sleep 3
for cores in 1 2 1 2 1 2; do
	say $cores
	new=$(until_is $cores 'setpriv --reuid "$user" --regid "$user" --init-groups nproc')
	running=$(until_is $cores 'rationctl status --user="$user" | awk "/python/ { print \$6 }"')
	echo "$cores: a new program after $new ms, the running one after $running ms"
	sleep 2.5
done
