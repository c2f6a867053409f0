#!/bin/sh
# SPDX-License-Identifier: MIT
# start.sh PLUGIN CPUS SCRIPT: one node of Slurm, which is this host, with that TaskPlugin and so
# many CPUs, whatever the host has; then the script; then the end of it. In a root of its own.
set -u
hostname node
grep -q ' node$' /etc/hosts || echo 10.99.0.1 node >>/etc/hosts
mkdir -p /run/munge /var/log/munge /var/lib/slurm /var/spool/slurmd /run/slurm
chown munge: /run/munge /var/log/munge
[ -s /etc/munge/munge.key ] || /usr/sbin/mungekey
su -s /bin/sh munge -c /usr/sbin/munged
cat >/etc/slurm/slurm.conf <<END
ClusterName=test
SlurmctldHost=node
SlurmUser=root
AuthType=auth/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=$1
StateSaveLocation=/var/lib/slurm
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurm/slurmctld.pid
SlurmdPidFile=/run/slurm/slurmd.pid
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
SlurmdParameters=config_overrides
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
$([ ! -e /etc/slurm/prolog ] || echo TaskProlog=/etc/slurm/prolog)
NodeName=node CPUs=$2 State=UNKNOWN
PartitionName=all Nodes=node Default=YES State=UP
END
rm -rf /var/lib/slurm/* /var/spool/slurmd/*
/usr/sbin/slurmctld
/usr/sbin/slurmd
for _ in $(seq 100); do
	sinfo -h -o %t 2>/dev/null | grep -q idle && break
	sleep 0.2
done
sh "$3"
# Its daemons end with the namespace.
