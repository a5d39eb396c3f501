"""Configuration of a SLURM cluster whose nodes are all this machine."""

import os
import socket
from pathlib import Path

FAKE_CARDS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
"""A card must be a character device; any will do."""

SLURM_CONF = """\
ClusterName=basewise
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# cred_expire is also how long a requeued job waits
AuthInfo=socket={folder}/munge.socket,cred_expire=20
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/%n.log
MailProg=/bin/true
{loopback}
MpiDefault=none
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# nodes have what this file says, not what the machine has
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=5
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=200
GresTypes=gpu
SlurmdTimeout=20
SlurmctldTimeout=30
ReturnToService=2
KillWait=3
# ended jobs stay visible for an hour
MinJobAge=3600
JobRequeue=1
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/log/jobcomp.txt
# a step that uses more memory than it asked for is killed, without cgroups
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
"""

PARTITIONS = """\
partitions:
  cpu: {}
  gpu: {max_gpu: 8, available_gpu_models: [a100]}
"""
"""What `slurm-partition-config` reads."""


class Ports:
    """Free ports that no other cluster of this machine takes until `close`.

    A name in the kernel's own space of socket names stands for each block of ports: only one
    process can have it, and it is free again when that process ends, however it does.
    """

    def __init__(self, count: int) -> None:
        for first in range(26800, 32000, 20):
            self.claim = socket.socket(socket.AF_UNIX)
            try:
                self.claim.bind(f"\0basewise-slurm-{first}")
            except OSError:
                self.claim.close()
                continue
            self.numbers = range(first, first + count)
            if all(_is_free(port) for port in self.numbers):
                return
            self.close()
        raise RuntimeError("no free block of ports")

    def close(self) -> None:
        """Let others have them."""
        self.claim.close()


def slurm_conf(folder: Path, ports: Ports, nodes: dict[str, int], cpus: int, memory: int) -> str:
    """slurm.conf of nodes with so many cards each, and so many CPUs and memory (MB) all."""
    host = os.uname().nodename.partition(".")[0]
    port, *others = ports.numbers
    lines = [SLURM_CONF.format(host=host, port=port, folder=folder, loopback=_loopback(host))]
    for (name, gpus), own in zip(nodes.items(), others, strict=True):
        gres = f" Gres=gpu:a100:{gpus}" if gpus else ""
        place = f"NodeHostname={host} NodeAddr=127.0.0.1 Port={own}"
        lines.append(f"NodeName={name} {place} CPUs={cpus} RealMemory={memory}{gres}\n")
    for partition in ("cpu", "gpu"):
        members = ",".join(name for name in nodes if name.startswith(partition))
        first = " Default=YES" if partition == "cpu" else ""
        times = "LLN=YES DefaultTime=10 MaxTime=UNLIMITED State=UP"
        lines.append(f"PartitionName={partition} Nodes={members}{first} {times}\n")
    return "".join(lines)


def gres_conf(nodes: dict[str, int]) -> str:
    """gres.conf: the fake cards of each node, of model a100."""
    cards = [(name, card) for name, gpus in nodes.items() for card in FAKE_CARDS[:gpus]]
    return "".join(f"NodeName={name} Name=gpu Type=a100 File={card}\n" for name, card in cards)


def _loopback(host: str) -> str:
    """Listen on the loopback interface only; SLURM can where the machine's name leads there."""
    try:
        address = socket.gethostbyname(host)
    except OSError:
        return ""
    only = "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny"
    return only if address.startswith("127.") else ""


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
