#!/bin/sh
# SPDX-License-Identifier: MIT
# What the machine of run.sh does once it is up: as root, with the disk of run.sh in /ration. All
# that is said goes to the second serial line; the last line there is the status.
exec </dev/null >/dev/ttyS1 2>&1
cd /ration || exit 1
up=$(cut -d. -f1 /proc/uptime)
export BUILD=/ration/build VENV=/ration/build/venv NUMPYS=/ration/build/numpy
export SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 TERM=dumb LC_ALL=C.UTF-8 HOME=/root
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

echo "check-vm: $(nproc) CPUs, Linux $(uname -r), $(systemctl --version | head -n 1), up in $up s"
cp -r --no-preserve=ownership /ration/installed/. /
for user in ann bob cid; do
	useradd -m -s /bin/bash $user
	loginctl enable-linger $user
done
tests=$(cat wanted)
# Through a pipe, so that no progress is drawn.
# shellcheck disable=SC2086 # names of files
{
	prove -fo --timer ${tests:-tests/vm/*.t}
	echo $? >/run/status
} 2>&1 | cat
echo "check-vm: status $(cat /run/status)"
sync
