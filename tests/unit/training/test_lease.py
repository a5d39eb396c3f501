"""Cards are simulated: an `nvidia-smi` on the PATH lists three."""

import os
import signal
import subprocess
import sys
from itertools import combinations

import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.training.lease import cards, take

NVIDIA_SMI = """#!/bin/sh
echo "0, GPU-aaaa, NVIDIA H200, 143771"
echo "1, GPU-bbbb, NVIDIA H200, 143771"
echo "2, GPU-cccc, NVIDIA A40, [N/A]"
"""

HOLDER = """
import os, sys, time
from basewise.training.lease import take
count, seconds = int(sys.argv[1]), float(sys.argv[2])
with take(count) as held:
    start = time.monotonic()
    for card in held:
        print("held", card.uuid, flush=True)
    child = os.fork() if len(sys.argv) > 3 else None
    if child == 0:
        time.sleep(15)
    print("child", child, flush=True)
    time.sleep(seconds)
    for card in held:
        print("span", card.uuid, start, time.monotonic(), flush=True)
"""


@pytest.fixture(autouse=True)
def three_cards(tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text(NVIDIA_SMI)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def holder(count, seconds, *fork):
    command = [sys.executable, "-c", HOLDER, str(count), str(seconds), *fork]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def spans(holders):
    """Which card each process held, and when."""
    lines = [
        line.split()
        for process in holders
        for line in process.communicate(timeout=60)[0].splitlines()
    ]
    rows = [line[1:] for line in lines if line[0] == "span"]
    return pd.DataFrame(rows, columns=["card", "start", "end"]).astype(
        {"start": float, "end": float}
    )


def assert_no_overlap(held):
    for _, of_card in held.groupby("card"):
        for one, other in combinations(of_card.itertuples(), 2):
            assert one.end <= other.start or other.end <= one.start


def test_twelve_jobs_share_three_cards():
    held = spans([holder(1, 0.05) for _ in range(12)])
    assert len(held) == 12
    assert set(held["card"]) == {"GPU-aaaa", "GPU-bbbb", "GPU-cccc"}
    assert_no_overlap(held)


def test_jobs_that_want_two_of_three_cards_all_get_them():
    held = spans([holder(2, 0.05) for _ in range(6)] + [holder(1, 0.05) for _ in range(2)])
    assert len(held) == 14
    assert_no_overlap(held)


def test_a_killed_job_frees_its_cards_though_its_child_lives_on():
    with holder(3, 60, "fork") as killed:
        lines = [killed.stdout.readline().split() for _ in range(4)]
        assert [line[1] for line in lines[:3]] == ["GPU-aaaa", "GPU-bbbb", "GPU-cccc"]
        with holder(3, 0) as waiting:
            assert waiting.stdout.readline().startswith("Waiting for 3 of 3 GPUs")
            killed.kill()
            output = waiting.communicate(timeout=10)[0]
        os.kill(int(lines[3][1]), signal.SIGKILL)
    assert "Waiting" not in output
    assert output.count("span") == 3


@pytest.mark.parametrize(
    ("visible", "uuids"),
    [
        (None, ["GPU-aaaa", "GPU-bbbb", "GPU-cccc"]),
        ("", []),
        ("-1", []),
        ("2,0", ["GPU-cccc", "GPU-aaaa"]),
        ("1,1", ["GPU-bbbb"]),
        ("1,-1,0", ["GPU-bbbb"]),
        ("0,7,1", ["GPU-aaaa"]),
        ("GPU-cc", ["GPU-cccc"]),
        ("MIG-dd", ["MIG-dd"]),
    ],
)
def test_the_pool_is_what_cuda_would_see(monkeypatch, visible, uuids):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [card.uuid for card in cards()] == uuids


def test_a_job_holds_what_cuda_knows_it_by(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-b,2")
    with take(2) as held:
        assert [card.visible for card in held] == ["GPU-b", "2"]
        assert [card.title for card in held] == [
            "NVIDIA H200 (150.8 GB)",
            "NVIDIA A40 (memory unknown)",
        ]


def test_more_cards_than_there_are_is_an_error(monkeypatch):
    with pytest.raises(InputError, match="4 GPUs are asked for, there are 3; "), take(4):
        pass


def test_without_a_driver_there_are_no_cards(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert cards() == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert [card.uuid for card in cards()] == ["3"]
