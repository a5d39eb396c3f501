"""A training on a SLURM cluster that something happens to, and the same one undisturbed."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np
from support import Workflow, small_config, write_inputs

from basewise.store.receipts import SUFFIX

CONFIG = "test.yaml"
RULE = "train_conv1d"
RUN = "results/lines/models/conv1d/fold0/seed1"
TARGET = f"{RUN}/scores.parquet"
LOG = f"results/logs/{RULE}/lines/conv1d/fold0/seed1.log"
FILES = ("scores.parquet", "history.tsv")
EPOCHS = 30
PATIENCE = 300
ON_GPU = ("--set-resources", f"{RULE}:slurm_partition=gpu")
ON_CPU = ("--set-resources", f"{RULE}:gpu=0")


def prepared(base: Path) -> Workflow:
    """A copy in which all that a training needs is there, and beside it the trained one.

    `base` is pytest's own folder, which test processes share.
    """
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "prepared"
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            made = Workflow.copied_to(unfinished)
            write_inputs(unfinished / "input")
            made.write_config(_config(), CONFIG)
            _locally(made, "--until", "encode_tensors", "audit_leakage")
            shutil.copytree(unfinished, whole_of(folder), dirs_exist_ok=True)
            _locally(Workflow(whole_of(folder)))
            unfinished.rename(folder)
    return Workflow(folder)


def go_on(processes: list[int]) -> None:
    """Let go what `halt` has halted."""
    for pid in processes:
        os.kill(pid, signal.SIGCONT)


def whole_of(folder: Path) -> Path:
    """Where the copy with the undisturbed training lies."""
    return folder.with_name("whole")


class Failing:
    """A copy of a prepared workflow whose training runs on a cluster."""

    def __init__(self, cluster, prepared: Workflow, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.whole = whole_of(prepared.folder)
        shutil.copytree(prepared.folder, folder)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start Snakemake, which takes Ctrl-C although nobody sits before it; see `said`."""
        command = [sys.executable, "-m", "snakemake", TARGET, "--configfile", CONFIG]
        command += ["--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "2"]
        with open(self.folder / "said", "w") as said:
            return subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                env=self.cluster.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )

    def run(self, *arguments: str) -> int:
        """Run Snakemake to its end; its exit code."""
        return self.start(*arguments).wait()

    @property
    def said(self) -> str:
        """What the last Snakemake has said."""
        return (self.folder / "said").read_text()

    @property
    def log(self) -> str:
        """The log of the training."""
        return (self.folder / LOG).read_text()

    def state(self) -> int:
        """When the training last saved an epoch, 0 if it has not."""
        saved = self.folder.glob(f"{RUN}/.unfinished-*/train.npz")
        return max((path.stat().st_mtime_ns for path in saved), default=0)

    def halt(self, run: subprocess.Popen) -> list[int]:
        """Wait until the training has saved another epoch, and halt it; its processes.

        A halted training takes no time of the processor, and nothing is left to chance.
        """
        before = self.state()
        deadline = time.monotonic() + PATIENCE
        found: list[int] = []
        while not found:
            assert run.poll() is None and time.monotonic() < deadline, self.said
            time.sleep(0.02)
            if self.state() == before:
                continue
            found = self.trainings()
            for pid in found:
                os.kill(pid, signal.SIGSTOP)
            # between two states, not while one is written: another job writes it by the same name
            if list(self.folder.glob(f"{RUN}/.unfinished-*/.unfinished-*")):
                go_on(found)
                found = []
        assert not (self.folder / TARGET).exists()
        return found

    def trainings(self) -> list[int]:
        """Processes that train in this copy and are not halted."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._trains(path)]

    def _trains(self, process: Path) -> bool:
        try:
            here = os.readlink(process / "cwd") == str(self.folder)
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            command = (process / "cmdline").read_bytes()
        except OSError:
            return False
        return here and state not in "TZ" and b".train_network.py" in command

    def saved(self) -> int:
        """Epochs in the state that the training has saved."""
        (path,) = self.folder.glob(f"{RUN}/.unfinished-*/train.npz")
        # the arrays lie behind the SHA-256 of their bytes
        arrays = BytesIO(path.read_bytes()[hashlib.sha256().digest_size :])
        with np.load(arrays) as state:
            return json.loads(state["facts"].tobytes())["epochs"]

    def went_on_after(self) -> int:
        """The epoch after which the last training went on, as its log says."""
        return int(re.search(r"^Going on after epoch (\d+) ", self.log, re.M)[1])

    def train_jobs(self) -> list:
        """Jobs of the scheduler that are or were the training."""
        return [job for job in self.cluster.jobs() if RULE in job.comment]

    def ended(self) -> list[str]:
        """States of these jobs, once none runs any more."""
        running = {"PENDING", "RUNNING", "COMPLETING"}
        self.wait_for(lambda: not running & {job.state for job in self.train_jobs()})
        return [job.state for job in self.train_jobs()]

    def wait_for(self, happens) -> None:
        """Wait until `happens()` is true."""
        self.cluster.wait_for(happens, seconds=PATIENCE)

    def slurm_log(self, job: str) -> str:
        """What a job of the training has said outside its own log."""
        return next(self.folder.glob(f".snakemake/slurm_logs/rule_{RULE}/*/{job}.log")).read_text()

    def is_undisturbed(self) -> bool:
        """Whether the results have the bytes of the whole training, and nothing else is left."""
        place = [path.name for path in (self.folder / RUN).iterdir()]
        left = [name for name in place if name.startswith(".") and not name.endswith(SUFFIX)]
        same = [
            (self.folder / RUN / file).read_bytes() == (self.whole / RUN / file).read_bytes()
            for file in FILES
        ]
        return all(same) and not left


def _config() -> dict:
    config = small_config()
    config["datasets"].pop("peaks")
    config["models"] = {"conv1d": {"architecture": "conv1d", "filters": 4, "dropout": 0.5}}
    config["training"] = {"epochs": EPOCHS, "batch_size": 4, "patience": EPOCHS}
    config["training"]["schedule"] = "cosine"
    config["seeds"] = [1]
    return config


def _locally(workflow: Workflow, *arguments: str) -> None:
    done = workflow.snakemake(TARGET, "--configfile", CONFIG, *arguments)
    assert done.returncode == 0, done.stderr
