"""Small runs that are killed at random moments, go on, and are compared with undisturbed ones.

Usage: python benchmarks/soak.py FOLDER [KILLS] [SEED]

Three runs take turns: sequences, genotypes, and a search for settings. Each is started, killed
after a random time in a random way, unlocked where it left a lock, and started again, until it ends
by itself; then all outputs whose bytes a run promises are compared with those of an undisturbed
run, and so are the names of all files. The ways: `kill -9` of everything (the machine is gone), of
Snakemake alone, of one step; SIGTERM to Snakemake; SIGINT to everything (Ctrl-C). FOLDER keeps what
undisturbed runs wrote, a line for each run that ended (``runs.jsonl``, which the table at the end
sums up over all calls), and runs that went wrong.
"""

import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import yaml

from basewise.examples.simulation import simulate_promoters

ROOT = Path(__file__).parents[1]
SNAKEMAKE = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")]
SNAKEMAKE += ["--workflow-profile", str(ROOT / "profiles/cpu"), "--configfile", "run.yaml"]
LONGEST = 25.0
"""Seconds after which a run is killed at the latest; undisturbed it takes longer."""
PATIENCE = 600.0
"""Seconds in which a run has to end that got a signal, or none."""

SEQUENCES = {"sequences": "sequences.txt", "labels": "labels.txt", "task": "binary"}
TRAITS = {"genotypes": "panel.csv", "phenotypes": "traits.csv", "traits": ["height"]}
CNN = {"architecture": "conv1d", "filters": 4}
SEARCH = {"dense_units": [8, 16], "learning_rate": {"low": 0.001, "high": 0.1, "log": True}}
TRAINING = {"epochs": 4, "batch_size": 32}
KINDS: dict[str, dict[str, Any]] = {
    "sequences": {
        "datasets": {"promoters": SEQUENCES},
        "models": {"cnn": CNN, "kmers": {"baseline": "kmer_logistic", "largest_k": 3}},
        "training": TRAINING,
    },
    "genotypes": {
        "datasets": {"panel": {**TRAITS, "task": "regression"}},
        "models": {
            "dnn": {"architecture": "dnn_markers", "dense_units": [8]},
            "gblup": {"baseline": "gblup"},
        },
        "training": TRAINING,
    },
    "tuning": {
        "datasets": {"promoters": SEQUENCES},
        "models": {"cnn": {**CNN, "tune": {"trials": 4, "epochs": 2, "search": SEARCH}}},
        "default_baselines": [],
        "training": TRAINING,
    },
}

WAYS = (
    *("kill -9, everything", "kill -9, Snakemake", "kill -9, a step"),
    *("TERM, Snakemake", "INT, everything"),
)


def write_run(folder: Path, kind: str) -> None:
    """Lay a run into an empty folder: its configuration and its data."""
    folder.mkdir(parents=True)
    config = yaml.safe_dump(KINDS[kind], sort_keys=False)
    (folder / "run.yaml").write_text(config, encoding="utf-8")
    sequences, labels = simulate_promoters(240, 60)
    (folder / "sequences.txt").write_text("\n".join(sequences), encoding="utf-8")
    (folder / "labels.txt").write_text("\n".join(map(str, labels)), encoding="utf-8")
    generator = np.random.default_rng(1)
    calls = generator.binomial(2, 0.4, (60, 40))
    lines = pd.Index([f"line{row}" for row in range(60)], name="id")
    markers = [f"m{column}" for column in range(40)]
    pd.DataFrame(calls, lines, markers).to_csv(folder / "panel.csv")
    height = calls[:, :5].sum(axis=1) + generator.normal(size=60)
    pd.DataFrame({"height": height.round(3)}, lines).to_csv(folder / "traits.csv")


def start(folder: Path, *arguments: str) -> psutil.Popen:
    """Snakemake as the leader of a session; what it says goes to ``said.txt``."""
    with (folder / "said.txt").open("wb") as said:
        return psutil.Popen(
            [*SNAKEMAKE, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def steps_of(run: psutil.Popen) -> list[psutil.Process]:
    """Processes that a run has started, the innermost last."""
    try:
        return run.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill(run: psutil.Popen, way: str, chance: random.Random) -> None:
    """End a run in one of the ways; return when nothing of it runs."""
    steps = steps_of(run)
    targets = {
        "kill -9, everything": [run, *steps],
        "kill -9, Snakemake": [run],
        "kill -9, a step": [chance.choice(steps or [run])],
        "TERM, Snakemake": [run],
        "INT, everything": [run, *steps],
    }[way]
    number = {"TERM": signal.SIGTERM, "INT": signal.SIGINT}.get(way.partition(",")[0])
    for process in targets:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number or signal.SIGKILL)
    _, alive = psutil.wait_procs([run, *steps], timeout=PATIENCE)
    # what Snakemake started between the look at its steps and the signal
    alive += [one for one in psutil.process_iter() if _is_of(one, run.pid)]
    _, alive = psutil.wait_procs(alive, timeout=PATIENCE)
    if alive:
        raise TimeoutError(f"{way}: {alive} still run after {PATIENCE:.0f} s")


def _is_of(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session
    except (OSError, psutil.Error):
        return False


def results_of(folder: Path) -> dict[str, str]:
    """Each file of the results to its checksum, "" where its bytes are not promised."""
    results = folder / "results"
    record = pd.read_csv(results / "provenance/outputs.tsv", sep="\t")
    marks = record["of"].map({"file": "", "weights": ", weights"})
    promised = dict(zip(record["file"] + marks, record["sha256"], strict=True))
    files = (path for path in results.rglob("*") if path.is_file())
    names = {path.relative_to(results).as_posix(): path for path in files}
    sums = {
        name: hashlib.sha256(path.read_bytes()).hexdigest() if name in promised else ""
        for name, path in names.items()
    }
    return {**promised, **sums}


def undisturbed(folder: Path, kind: str) -> dict[str, str]:
    """What an undisturbed run leaves, see `results_of`."""
    kept = folder / f"{kind}.json"
    if not kept.exists():
        place = folder / f"{kind}-undisturbed"
        shutil.rmtree(place, ignore_errors=True)
        write_run(place, kind)
        begin = time.perf_counter()
        if start(place).wait(timeout=PATIENCE):
            sys.exit((place / "said.txt").read_text(encoding="utf-8"))
        print(f"{kind}, undisturbed: {time.perf_counter() - begin:.0f} s", flush=True)
        kept.write_text(json.dumps(results_of(place), indent=1), encoding="utf-8")
        shutil.rmtree(place)
    wanted: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return wanted


def disturbed(place: Path, kills: int, chance: random.Random) -> tuple[list[str], list[str]]:
    """Kill a run so often at most, and let it end: the ways it was killed, and its faults."""
    ways: list[str] = []
    faults: list[str] = []
    while len(faults) < 3:
        run = start(place)
        moment = chance.uniform(0, LONGEST) if len(ways) < kills else PATIENCE
        try:
            if run.wait(timeout=moment) == 0:
                break
            said = shutil.copy(place / "said.txt", place / f"failed{len(faults)}.txt")
            faults.append(f"ended by itself with an error, see {said}")
        except psutil.TimeoutExpired:
            ways.append(chance.choice(WAYS))
            kill(run, ways[-1], chance)
        finally:  # where this program itself is ended
            for process in [run, *steps_of(run)]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        if any((place / ".snakemake" / "locks").glob("*")):
            start(place, "--unlock").wait(timeout=PATIENCE)
    return ways, faults


def differences(wanted: dict[str, str], left: dict[str, str]) -> list[str]:
    """Files that are missing, too many, or of other bytes."""
    names = wanted.keys() | left.keys()
    return sorted(name for name in names if wanted.get(name) != left.get(name))


def soak(folder: Path, kills: int, seed: int) -> None:
    """Kill runs until so many kills are done and the last run has ended."""
    chance = random.Random(seed)  # noqa: S311
    done = 0
    for number in itertools.count():
        if done >= kills:
            break
        kind = list(KINDS)[number % len(KINDS)]
        wanted = undisturbed(folder, kind)
        place = folder / f"{kind}-seed{seed}-{number}"
        shutil.rmtree(place, ignore_errors=True)
        write_run(place, kind)
        ways, faults = disturbed(place, kills - done, chance)
        faults = faults or differences(wanted, results_of(place))
        done += len(ways)
        row = {"run": place.name, "kind": kind, "ways": ways, "faults": faults}
        with (folder / "runs.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        print(f"{place.name}: {len(ways)} kills, {len(faults)} faults", flush=True)
        if not faults:
            shutil.rmtree(place)


def summary(folder: Path) -> bool:
    """Print what all calls have found; whether no run had a fault."""
    lines = (folder / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    runs = [json.loads(line) for line in lines]
    killed = Counter((way, run["kind"]) for run in runs for way in run["ways"])
    print(pd.Series(killed, dtype="int64").unstack(fill_value=0).to_string())
    wrong = [run for run in runs if run["faults"]]
    print(f"{killed.total()} kills in {len(runs)} runs, of which {len(wrong)} had faults")
    for run in wrong:
        print(f"{run['run']}: {'; '.join(run['faults'])}")
    return not wrong


if __name__ == "__main__":
    folder, kills, seed = [*sys.argv[1:], *["100", "1"][len(sys.argv) - 2 :]]
    # so that what was started is ended too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    soak(Path(folder).resolve(), int(kills), int(seed))
    sys.exit(not summary(Path(folder)))
