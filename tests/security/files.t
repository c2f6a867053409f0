#!/bin/sh
# SPDX-License-Identifier: MIT
# Root's show and why read a user's own file as that user, for a limited time.
. "$(dirname "$0")/lib.sh"
own=$work/home/ill/.config/ration.conf

echo 'cores = 1' >"$own"
chown 4001 "$own"
like "$(ctl show ill)" "^own +1 +$own:1, default: cores = 1$" "show reads the user's own file"
mv "$own" "$work/home/ill/kept"
ln -s "$work/home/ill/kept" "$own"
like "$(ctl show ill)" "^own +1 " "by a link of the user's too"

# A link to what root alone may read.
echo 'cores = a secret' >"$work/secret"
chmod 600 "$work/secret"
ln -sf "$work/secret" "$own"
said=$(ctl show ill)
like "$said" "^own +- +not heeded: $own: Permission denied$" "not what the user may not read"
unlike "$said" "secret" "nothing of it is told"
as ill sleep 60 &
pid=$(sleeper)
said=$(ctl why "$pid")
like "$said" "^own +- .*Permission denied$" "nor by why"
unlike "$said" "secret" "which tells nothing of it either"
kill "$pid"
wait 2>/dev/null

# A group of root's is not the user's.
chgrp 0 "$work/secret"
chmod 640 "$work/secret"
like "$(ctl show ill)" "^own +- .*Permission denied$" "nor what root's group may read"

# Devices are not opened, however quickly names change: one without a driver would say so.
rm "$own"
mknod "$work/device" c 240 7
echo 'cores = 1' >"$own"
chown 4001 "$own"
cat >"$work/flip.py" <<'END'
import ctypes, os, sys, time
os.chdir(sys.argv[1])
os.symlink(sys.argv[2], "other")
end = time.monotonic() + 8
rename = ctypes.CDLL(None).renameat2
while time.monotonic() < end:
    for _ in range(1000):
        rename(-100, b"ration.conf", -100, b"other", 2)
END
as ill "$debian" "$work/flip.py" "${own%/*}" "$work/device" &
flipping=$!
while kill -0 "$flipping" 2>/dev/null; do
	ctl show ill
done | sed -n 's/^own *[-1] *//p' | sed "s,$own:,FILE," | sort -u >"$work/seen"
wait
like "$(cat "$work/seen")" 'cores = 1' "a race between a file and a device: the file was seen"
like "$(cat "$work/seen")" 'no regular file' "and the device"
unlike "$(cat "$work/seen")" 'No such device' "which was never opened"
rm -f "$own" "${own%/*}/other"

# A folder whose server never answers: neither root's command nor who reads it waits.
cc -O1 -o "$work/silent" "$root/tests/security/silent.c"
"$work/silent" "$work/home/ill/.config" &
served=$!
for _ in $(seq 100); do
	mountpoint -q "$work/home/ill/.config" && break
	sleep 0.05
done
said=$(ctl show ill | cat)
like "$said" "^own +- +not heeded: .*ration.conf: did not answer within 2 s$" "a silent server"
like "$said" "^locked " "and all the rest is told"
kill -9 "$served"
umount -l "$work/home/ill/.config"
wait 2>/dev/null

# Nor is there any fork left behind.
is "$(pgrep -x rationctl)" "" "no child is left"
done_testing
