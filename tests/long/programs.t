#!/bin/sh
# SPDX-License-Identifier: MIT
# As tests/site/strangers.t, with servers, sandboxes, sanitizers, debuggers, languages, GROMACS and
# package managers: gigabytes of them, in a Debian 12 root that is made once. As root.
here=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$here/../build}
dir=$build/site/programs
packages="ruby nodejs tcsh zsh r-base-core octave lua5.4 guile-3.0 php-cli tcl nginx-light
	redis-server sqlite3 memcached openssh-server bubblewrap gdb strace valgrind gcc libc6-dev
	git gromacs openmpi-bin curl socat tmux lighttpd fakeroot jq file vim-tiny gawk bc gnupg
	openssl rsync python3-pip make"

sh "$here/site/root.sh" "$dir" || exit 1
if [ ! -e "$dir/.programs" ]; then
	# None of the servers begins by being installed.
	printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
	chmod 755 "$dir/usr/sbin/policy-rc.d"
	# shellcheck disable=SC2086 # the words of packages
	unshare -m -p -f chroot "$dir" /bin/sh -c 'mount -t proc proc /proc; apt-get update &&
		export DEBIAN_FRONTEND=noninteractive &&
		exec apt-get install -y --no-install-recommends "$@"' \
		sh $packages >"$dir.log" 2>&1 || {
		tail -n 3 "$dir.log" >&2
		exit 1
	}
	: >"$dir/.programs"
fi
SITE_ROOT=programs SITE_PROGRAMS=$here/site/programs.txt exec sh "$here/site/strangers.t"
