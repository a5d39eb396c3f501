import json
import re

import pytest

from basewise.core.errors import InputError
from basewise.store.run_records import KEYS, RunRecord, new_run, read_records, read_run, write_run

RUN = RunRecord("d", "m", 0, 1)
LINES = {name: [name] for name in ("motifs", "changes", "advice", "warnings")}
RUNS = {
    "network": RUN._replace(
        architecture="conv1d", settings={"sizes": [3, 5]}, seconds=0.1, **LINES
    ),
    "baseline": RUN._replace(
        baseline="mean", motifs=["a"], transform={"name": "none", "mean": [0.0]}
    ),
    "ensemble": RUN._replace(members=[{"model": "net", "seed": 1}], averages=["network"]),
}


@pytest.mark.parametrize("kind", RUNS)
def test_what_is_written_is_read(kind, tmp_path):
    write_run(tmp_path / "run.json", RUNS[kind], ["numpy"])
    keys = list(json.loads((tmp_path / "run.json").read_text()))
    assert keys == ["dataset", "model", "fold", "seed", *KEYS[kind].split(), "versions"]
    run = read_run(tmp_path / "run.json")
    assert run.kind == kind
    assert run.versions.keys() == {"basewise", "numpy"}
    assert run._replace(versions={}) == RUNS[kind]


def test_the_names_in_a_path_are_those_of_a_run():
    assert new_run({"dataset": "d", "model": "m", "fold": "0", "seed": "1"}) == RUN


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-9],
        lambda text: text.replace('"seconds"', '"second"'),
        lambda text: re.sub(".*parameters.*\n", "", text),
        lambda _: "[]",
    ],
)
def test_a_damaged_record_is_refused(damage, tmp_path):
    path = tmp_path / "run.json"
    write_run(path, RUNS["network"], [])
    path.write_text(damage(path.read_text()))
    with pytest.raises(InputError, match=r"run\.json: is missing, damaged or of another version"):
        read_run(path)


def test_the_record_of_another_run_is_refused(tmp_path):
    folder = tmp_path / "d"
    for seed in (1, 2):
        write_run(folder / f"models/m/fold0/seed{seed}/run.json", RUN._replace(seed=seed), [])
    assert [run.seed for run in read_records(folder, {"m": [1, 2]}, [0])["m"]] == [1, 2]
    (folder / "models/m/fold0/seed2/run.json").write_bytes(
        (folder / "models/m/fold0/seed1/run.json").read_bytes()
    )
    with pytest.raises(InputError, match=r"is that of m on d, fold 0, seed 1; take it"):
        read_records(folder, {"m": [1, 2]}, [0])
