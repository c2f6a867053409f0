#!/bin/sh
# SPDX-License-Identifier: MIT
# The examples of doc/cluster.md for Open MPI, joblib and dask, with Debian 12's, on one host: on a
# machine of eight CPUs, which stands behind the shim (see tests/lib.sh), or as it is.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/package/lib.sh
. "$root/tests/package/lib.sh"

net=own
fresh cluster cluster openmpi-bin python3-numpy libopenblas0-pthread python3-joblib \
	python3-distributed procps
there=$work/cluster
make -s -C "$root" BUILD="$build" wheel >/dev/null 2>&1
mkdir -p "$there/usr/local/bin" "$there/usr/local/lib/ration"
cp "$build/wheel/ration" "$build/wheel/rationctl" "$there/usr/local/bin/"
cp "$build/wheel/libration.so" "$probe/libfake.so" "$there/usr/local/lib/ration/"
cat >"$there/var/tmp/lib" <<'END'
lib=/usr/local/lib/ration
mpi="mpirun --allow-run-as-root --oversubscribe --mca oob_tcp_if_include lo --mca btl self,vader"
cd /var/tmp
# eight [-n CORES] COMMAND...: ration, as on a machine of eight.
eight()
{
	cores=$2
	shift 2
	FAKE_CPUS=8 OPENBLAS_THREAD_TIMEOUT=8 LD_PRELOAD=$lib/libfake.so ration -n "$cores" \
		env LD_PRELOAD=$lib/libration.so:$lib/libfake.so "$@"
}
END
as_told()
{
	inside "$there" ". /var/tmp/lib; $1"
}

cat >"$there/var/tmp/busy.py" <<'END'
import numpy
a = numpy.random.rand(300, 300)
while True:
    a.dot(a)
END
# state RANKS: when so many are busy, and have what they are to have, the cores granted to all.
cat >"$there/var/tmp/state" <<'END'
for _ in $(seq 300); do
	state=$(rationctl status | awk '{ print $6, "of", $10; exit }')
	[ "$state" = "$2 of $1" ] && break
	sleep 0.1
done
echo "$state"
END
is "$(as_told 'eight -n 4 $mpi -n 3 python3 busy.py & sh state 3 4; kill -9 $!')" "4 of 3" \
	"ration -n 4 mpirun -n 3: the ranks have four cores together"
is "$(as_told 'eight -n 4 $mpi -n 5 python3 busy.py & sh state 5 5; kill -9 $!')" "5 of 5" \
	"five ranks have one each"
is "$(as_told 'eight -n 4 $mpi -n 3 nproc' | paste -sd" ")" "4 4 4" "each sees four"
is "$(as_told '$mpi -n 2 --bind-to core ration nproc' | paste -sd" ")" "1 1" \
	"mpirun --bind-to core ration: what the rank is bound to"
is "$(as_told '$mpi -n 2 --bind-to core ration rationctl show' | grep -c '^budget.*affinity$')" 2 \
	"and rationctl says so"

cat >"$there/var/tmp/wishes.py" <<'END'
import os
from joblib import Parallel, cpu_count, delayed, effective_n_jobs
def wish():
    return os.environ.get("OPENBLAS_NUM_THREADS")
wishes = Parallel(n_jobs=-1)(delayed(wish)() for _ in range(8))
print(cpu_count(), effective_n_jobs(-1), *sorted(set(wishes)))
END
is "$(as_told 'eight -n 4 python3 wishes.py')" "4 4 1" \
	"joblib: four CPUs, four workers, a wish of one"

cat >"$there/var/tmp/cluster.py" <<'END'
from dask.distributed import Client, LocalCluster
from dask.system import CPU_COUNT
if __name__ == "__main__":
    with LocalCluster(dashboard_address=None) as cluster, Client(cluster) as client:
        print(CPU_COUNT, sum(client.nthreads().values()))
END
is "$(as_told 'eight -n 4 python3 cluster.py' | tail -n 1)" "4 4" "dask: four CPUs, four threads"
cat >"$there/var/tmp/client.py" <<'END'
from dask.distributed import Client
with Client("tcp://127.0.0.1:8786", timeout=200) as client:
    client.wait_for_workers(1)
    print(sum(client.nthreads().values()))
END
is "$(as_told 'dask scheduler --host 127.0.0.1 --no-dashboard >log 2>&1 &
	eight -n 3 dask worker --no-dashboard --nthreads 0 tcp://127.0.0.1:8786 >log.worker 2>&1 &
	python3 client.py' | tail -n 1)" 3 "ration dask worker: as many threads"
done_testing
