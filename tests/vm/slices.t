#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl slices with a real systemd: it takes the files, and the kernel then holds the budgets of
# what no shim is in.
. "$(dirname "$0")/lib.sh"
ann=$(id -u ann)

# most USER: cpu.max of his slice, while he is there.
most()
{
	as "$1" "cat /sys/fs/cgroup/user.slice/user-$(id -u "$1").slice/cpu.max"
}
site 'default { cores = 3 }
user "ann" { cores = 4 }
user "root" { exempt = true }'
is "$(rationctl slices --write)" \
	"wrote /etc/systemd/system/user-.slice.d/50-ration.conf
wrote /etc/systemd/system/user-$ann.slice.d/50-ration.conf
wrote /etc/systemd/system/user-0.slice.d/50-ration.conf
in force after: systemctl daemon-reload" "written"
for user in ann bob root; do
	is "$(systemd-analyze verify --man=no "user-$(id -u $user).slice" 2>&1)" "" \
		"systemd takes $user's"
done
systemctl daemon-reload
is "$(most ann)" "400000 100000" "four CPUs for ann"
is "$(most bob)" "300000 100000" "three for everybody"
is "$(most root)" "max 100000" "and no limit for root"

# used USER: CPUs that eight busy threads of his get, no shim among them.
used()
{
	as "$1" 'stat=/sys/fs/cgroup/user.slice/user-$(id -u).slice/cpu.stat
		count() { sed -n "s/^$1 //p" $stat; }
		stress-ng -q --cpu 8 --cpu-method loop --timeout 60 &
		until [ "$(pgrep -c -u "$(id -u)" stress-ng)" -ge 9 ]; do sleep 0.2; done
		usec=$(count usage_usec) periods=$(count nr_periods)
		until [ $(($(count nr_periods) - periods)) -ge 20 ]; do sleep 0.3; done
		echo used $(($(count usage_usec) - usec)) $(($(count nr_periods) - periods))
		pkill -u "$(id -u)" stress-ng' | awk '/^used/ { print $2 / $3 / 100000 }'
}
for pair in ann:4 bob:3; do
	used=$(used ${pair%:*})
	at_most "$used" "${pair#*:}.4" "${pair%:*}: eight busy threads get ${pair#*:} CPUs"
	at_least "$used" $((${pair#*:} - 1)) "${pair%:*}: and no fewer"
done
rm /etc/ration.conf
is "$(as ann 'ration nproc') $(as bob 'ration nproc')" "4 3" "a ceiling like any other quota"
site 'default { cores = 5 }'
is "$(rationctl slices --write | grep -c '^removed')" 2 "changed: two files less"
systemctl daemon-reload
is "$(most ann) $(most root)" "500000 100000 500000 100000" "in force"
rationctl slices --remove >/dev/null
systemctl daemon-reload
is "$(most ann) $(most bob)" "max 100000 max 100000" "and gone"
done_testing
