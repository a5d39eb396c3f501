"""Digests that rules ask for: of the step, the files beside it, and the registry's entry."""

import copy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from configs import read
from support import ROOT, small_config

from basewise.config.code import Code
from basewise.config.digests import Digests

CODE = Code(ROOT / "scripts")


@pytest.fixture
def study():
    return read(small_config()).study


def test_a_step_has_the_digest_of_its_code_and_files(study):
    Path("a.html").write_text("one")
    digests = Digests(CODE, study)
    first = digests.step("write_report", files=[Path("a.html")])(None)
    assert digests.step("write_report")(None) == CODE.digest("write_report")
    assert first == CODE.digest("write_report", files=(Path("a.html"),))
    assert first != CODE.digest("write_report")


def of_model(study, step, model):
    return Digests(CODE, study).model(step)(SimpleNamespace(model=model))


def test_models_differ_by_their_function_and_their_defaults(study):
    conv1d = of_model(study, "train_network", "conv1d")
    assert conv1d not in (
        of_model(study, "train_network", "attention"),
        of_model(study, "tune_model", "conv1d"),
        CODE.digest("train_network"),
    )
    kmers = of_model(study, "fit_baseline", "kmers")
    others = copy.deepcopy(study.catalog)
    others.architectures["conv1d"]["settings"]["dropout"]["default"] = 0.3
    others.architectures["conv1d"]["memory"] = 1
    others.baselines["kmer_logistic"]["title"] = "another"
    changed = replace(study, catalog=others)
    assert of_model(changed, "train_network", "conv1d") != conv1d
    assert of_model(changed, "fit_baseline", "kmers") == kmers
