"""A real SLURM cluster on this machine, for as long as a test module needs it.

munged, slurmctld and one slurmd a node are started by hand, as root, from a folder of the cluster's
own under /tmp: no systemd, no database, no cgroups, nothing in /etc, loopback only.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from processes import family, holders, kill
from slurm_conf import FAKE_CARDS, PARTITIONS, Ports, gres_conf, slurm_conf
from slurm_jobs import Job, read_events, read_jobs

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
SEARCHED = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
READY = {"idle", "mixed", "allocated", "completing"}


def lacking() -> str | None:
    """Why no cluster can be started here; None if one can."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None]
    if missing:
        return f"SLURM is not installed ({', '.join(missing)}); `make test-slurm` installs it"
    return "slurmd starts jobs for users and needs root" if os.getuid() != 0 else None


class Cluster:
    """Nodes cpu1, cpu2, ... in partition `cpu` (the default) and gpu1 in `gpu`.

    A context manager: `start` at entry, `stop` at exit. `folder` must not exist, or be empty; it
    stays, for its logs. Unix sockets limit its path to some 70 characters.
    """

    def __init__(
        self, folder: Path, cpu_nodes: int = 2, gpus: int = 2, cpus: int = 8, memory_mb: int = 32000
    ) -> None:
        self.folder = folder
        self.nodes = {**{f"cpu{i + 1}": 0 for i in range(cpu_nodes)}, "gpu1": gpus}
        self.size = (cpus, memory_mb)
        self.daemons: dict[str, subprocess.Popen] = {}
        self.ports = Ports(1 + len(self.nodes))
        assert gpus <= len(FAKE_CARDS)
        assert len(str(folder)) < 70, folder

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which `snakemake`, `squeue` and so on speak to this cluster.

        TMPDIR is the cluster's own, so that trainings of two clusters do not wait for each other's
        cards, which have the same names.
        """
        folder = self.folder
        path = f"{folder}/bin{os.pathsep}{SEARCHED}"
        conf, scratch = str(folder / "slurm.conf"), str(folder / "tmp")
        return {**os.environ, "SLURM_CONF": conf, "PATH": path, "TMPDIR": scratch}

    def start(self) -> None:
        """Bring all daemons up; returns when every node is ready for jobs."""
        for part in ("bin", "log", "tmp", "state", "spool"):
            (self.folder / part).mkdir(parents=True)
        self.folder.chmod(0o755)  # munged asks for it
        text = slurm_conf(self.folder, self.ports, self.nodes, *self.size)
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "gres.conf").write_text(gres_conf(self.nodes))
        (self.folder / "partitions.yaml").write_text(PARTITIONS)
        self._wrap_srun()
        self._launch_munged()
        self._launch("slurmctld", "-D")
        self.wait_for(lambda: self._asks("scontrol", "ping"), "slurmctld")
        for node in self.nodes:
            self.start_node(node)

    def stop(self) -> None:
        """End all jobs, then all daemons, then what is left of jobs whose node was killed."""
        if self._runs("slurmctld"):
            self._asks("scancel", "--full", "--user=root")
            deadline = time.monotonic() + 10
            while self._ask("squeue", "-h") and time.monotonic() < deadline:
                time.sleep(0.1)
        for name in ("slurmctld", *self.nodes, "munged"):
            if self._runs(name):
                self.daemons[name].terminate()
                try:
                    self.daemons[name].wait(15)
                except subprocess.TimeoutExpired:
                    self.daemons[name].kill()
                    self.daemons[name].wait()
        for pid in self.left():
            kill(family(pid))
        self.ports.close()

    def left(self) -> list[int]:
        """Processes of this cluster that run: daemons, steps, jobs and what they started."""
        return holders(self.folder)

    def command(self, *arguments: str, profile: str = "--profile") -> list[str]:
        """Snakemake with the profile, this cluster's partition table, and quicker looks at it.

        `profile` is the option that names the profile.
        """
        table = ("--slurm-partition-config", str(self.folder / "partitions.yaml"))
        looks = ("--slurm-init-seconds-before-status-checks", "5")
        program = (sys.executable, "-m", "snakemake", profile, "profiles/slurm")
        return [*program, *table, *looks, *arguments]

    def snakemake(
        self, folder: Path, *arguments: str, profile: str = "--profile"
    ) -> "subprocess.CompletedProcess[str]":
        """Run `command` to its end in a working copy, as a user of this cluster would."""
        return subprocess.run(
            self.command(*arguments, profile=profile),
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def jobs(self) -> list[Job]:
        """All jobs since the start, also those that have ended, in the order of submission."""
        return read_jobs(self._ask("scontrol", "show", "job", "-d", "-o"))

    def events(self) -> list[dict[str, str]]:
        """One entry each time a job ended, with JobId, JobState (NODE_FAIL, ...), NodeList, ..."""
        file = self.folder / "log" / "jobcomp.txt"
        return read_events(file.read_text()) if file.exists() else []

    def submissions(self) -> int:
        """How often `sbatch` was called with success; an array is one."""
        return len({job.id.split("_")[0] for job in self.jobs()})

    def cancel(self, job: str) -> None:
        """`scancel` a job."""
        subprocess.run(["scancel", job], env=self.environment, check=True)

    def crash_node(self, name: str, steps: bool = True) -> None:
        """A power cut: SIGKILL of the node's slurmd and all that its jobs have started.

        Without `steps` only slurmd dies, and the jobs of the node go on behind SLURM's back.
        """
        found = holders(self.folder / "log" / f"{name}.log") if steps else []
        found = [pid for pid in found if pid != self.daemons[name].pid]
        self.daemons[name].kill()
        self.daemons[name].wait()
        kill([pid for step in found for pid in family(step)])

    def start_node(self, name: str) -> None:
        """Start a node's slurmd, the first time or after a crash; returns when it takes jobs."""
        self._launch(name, "-D", "-N", name, program="slurmd")

        def ready() -> bool:
            state = self._ask("sinfo", "-h", "-N", "-n", name, "-o", "%T").split()
            return bool(state) and set(state) <= READY

        self.wait_for(ready, name)

    def wait_for(self, happens, daemon: str = "slurmctld", seconds: float = 60):
        """Look again and again until `happens()` is true; what it returned.

        Fails when `daemon` dies or the time is over.
        """
        deadline = time.monotonic() + seconds
        while not (found := happens()):
            log = self.folder / "log" / f"{daemon}.log"
            assert self._runs(daemon), f"{daemon} ended: {log.read_text()[-2000:]}"
            assert time.monotonic() < deadline, f"not within {seconds} s; {self.jobs()}"
            time.sleep(0.2)
        return found

    def _ask(self, *command: str) -> str:
        """What a command says; nothing if it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else ""

    def _asks(self, *command: str) -> bool:
        return subprocess.run(command, env=self.environment, capture_output=True).returncode == 0

    def _runs(self, name: str) -> bool:
        return name in self.daemons and self.daemons[name].poll() is None

    def _launch(self, name: str, *arguments: str, program: str | None = None) -> None:
        """Start a daemon that dies with this process, should it be killed."""
        command = ["setpriv", "--pdeathsig", "TERM", program or name, *arguments]
        with open(self.folder / "log" / f"{name}.log", "a") as log:
            self.daemons[name] = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _launch_munged(self) -> None:
        folder = self.folder / "munge"
        folder.mkdir(mode=0o700)
        (folder / "key").write_bytes(os.urandom(128))
        (folder / "key").chmod(0o600)
        files = {"key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        options = [f"--{option}={folder}/{name}" for option, name in files.items()]
        socket = self.folder / "munge.socket"
        self._launch("munged", "--foreground", f"--socket={socket}", *options)
        self.wait_for(lambda: self._asks("munge", "-S", str(socket), "-n"), "munged")

    def _wrap_srun(self) -> None:
        """An `srun` that knows the cluster; the plugin drops SLURM_CONF before it calls it."""
        conf, real = self.folder / "slurm.conf", shutil.which("srun", path=SEARCHED)
        file = self.folder / "bin" / "srun"
        file.write_text(f'#!/bin/sh\nSLURM_CONF={conf} exec {real} "$@"\n')
        file.chmod(0o755)
