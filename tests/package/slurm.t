#!/bin/sh
# SPDX-License-Identifier: MIT
# Jobs of a real Slurm (22.05, one host), as doc/cluster.md has them: nobody says `ration -n`.
# Without a TaskPlugin nothing confines a job, and Slurm's variables count; with task/affinity the
# kernel holds it as well.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/package/lib.sh
. "$root/tests/package/lib.sh"

net=own
fresh slurm slurm slurm-wlm munge openmpi-bin python3-numpy libopenblas0-pthread procps
there=$work/slurm
# Built for where there is no libconfuse.
make -s -C "$root" BUILD="$build" wheel >/dev/null 2>&1
mkdir -p "$there/usr/local/bin" "$there/usr/local/lib/ration"
cp "$build/wheel/ration" "$build/wheel/rationctl" "$there/usr/local/bin/"
cp "$build/wheel/libration.so" "$probe/libfake.so" "$there/usr/local/lib/ration/"
cp "$root/demo/pool_6x6.py" "$root/tests/package/slurm/start.sh" "$there/var/tmp/"
rm -f "$there/etc/slurm/prolog"

# The scripts of jobs. On a machine of eight, which stands behind the shim: see tests/lib.sh.
cat >"$there/var/tmp/eight" <<'END'
#!/bin/sh
lib=/usr/local/lib/ration
export FAKE_CPUS=8 LD_PRELOAD=$lib/libfake.so
exec /usr/local/bin/ration env LD_PRELOAD=$lib/libration.so:$lib/libfake.so nproc
END
cat >"$there/var/tmp/pool" <<'END'
#!/bin/sh
N=300 ITEMS=12 /usr/local/bin/ration --report=/var/tmp/report.$SLURM_CPUS_PER_TASK \
	python3 /var/tmp/pool_6x6.py
END
cat >"$there/var/tmp/preload" <<'END'
#!/bin/sh
LD_PRELOAD=/usr/local/lib/ration/libration.so nproc
END
cat >"$there/var/tmp/why" <<'END'
#!/bin/sh
/usr/local/bin/rationctl why | head -n 1
/usr/local/bin/rationctl show | head -n 1
END
cat >"$there/var/tmp/tasks" <<'END'
#!/bin/sh
/var/tmp/eight
srun --cpus-per-task=2 /var/tmp/eight
mpirun --allow-run-as-root --mca oob_tcp_if_include lo --mca btl self,vader -n 4 /var/tmp/eight
srun --exact -n 4 /var/tmp/eight
END
printf '#!/bin/sh\nnproc\n' >"$there/var/tmp/plain"
chmod 755 "$there"/var/tmp/*
cat >"$there/var/tmp/jobs" <<'END'
job() # NAME SBATCH-OPTION... SCRIPT
{
	name=$1
	shift
	sbatch -W -o /var/tmp/out.$name "$@" >/var/tmp/sbatch.$name 2>&1
}
job eight --cpus-per-task=2 /var/tmp/eight
job pool2 --cpus-per-task=2 /var/tmp/pool
job pool1 --cpus-per-task=1 /var/tmp/pool
job preload --cpus-per-task=1 /var/tmp/preload
job plain --cpus-per-task=1 /var/tmp/plain
job why --cpus-per-task=1 /var/tmp/why
job tasks --ntasks=4 --cpus-per-task=2 /var/tmp/tasks
END
out()
{
	cat "$there/var/tmp/out.$1" 2>&1
}
forget_jobs()
{
	rm -f "$there"/var/tmp/out.* "$there"/var/tmp/report.*
}

inside "$there" "sh /var/tmp/start.sh task/none 8 /var/tmp/jobs" >"$work/log"
is "$(out eight)" 2 "--cpus-per-task=2, on a machine of eight: two"
like "$(out pool2)" '12 matrices of 300 x 300 in [0-9.]+ s, error' "the seed's program in it"
like "$(cat "$there/var/tmp/report.2")" "budget +2 of" "its budget is two"
like "$(cat "$there/var/tmp/report.2")" 'asked for 6, given at most [12], in one' "no more is given"
like "$(cat "$there/var/tmp/report.1")" "budget +1 of" "with --cpus-per-task=1, one"
like "$(cat "$there/var/tmp/report.1")" 'asked for 6, given at most 1, in one' "and no more"
is "$(out preload)" 1 "without ration, with LD_PRELOAD"
is "$(out plain)" "$(nproc)" "with neither: Slurm confines nothing here"
if [ "$(nproc)" -gt 1 ]; then
	like "$(out why)" "^a program started here with ration may use up to 1 \(job [0-9]+: \
SLURM_CPUS_ON_NODE=1 SLURM_CPUS_PER_TASK=1\)\$" "rationctl why names Slurm"
	like "$(out why)" '^budget +1 +by slurm$' "and so does show"
fi
is "$(out tasks | paste -sd" ")" "8 2 2 2 2 2 2 2 2 4 4 4 4" "the script of four tasks of two has \
eight; each task of srun, and each rank of mpirun, two; tasks of an exact step of four share them"

# The cluster does it for everyone: TaskProlog.
forget_jobs
printf '#!/bin/sh\necho export LD_PRELOAD=/usr/local/lib/ration/libration.so\n' \
	>"$there/etc/slurm/prolog"
chmod 755 "$there/etc/slurm/prolog"
inside "$there" "sh /var/tmp/start.sh task/none 8 /var/tmp/jobs" >"$work/log"
is "$(out plain)" 1 "TaskProlog: a job that knows nothing of ration has what it asked for"

# Confined by the kernel as well.
forget_jobs
rm "$there/etc/slurm/prolog"
sed -i '/tasks/d' "$there/var/tmp/jobs"
inside "$there" "sh /var/tmp/start.sh task/affinity $(nproc) /var/tmp/jobs" >"$work/log"
is "$(out plain)" 1 "task/affinity: confined"
is "$(out preload)" 1 "task/affinity: the shim sees it"
like "$(cat "$there/var/tmp/report.1")" "budget +1 of" "task/affinity: ration sees it"
if [ "$(nproc)" -gt 1 ]; then
	like "$(out why)" '^budget +1 +by slurm$' "task/affinity: show names Slurm"
fi
done_testing
