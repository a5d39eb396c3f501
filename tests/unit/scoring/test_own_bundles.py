"""Bundles of networks of one's own: with their code, which runs only after a yes."""

import sys

import keras
import numpy as np
import pandas as pd
import pytest
from made_bundles import LENGTH, make_bundle, make_results, parts_of
from own_code import CONV1D, SCALED, written

import basewise as bw
from basewise.architectures import build
from basewise.config.own_code import code_versions
from basewise.core import user_code
from basewise.core.errors import InputError
from basewise.scoring import check_bundle
from basewise.store.parts import scored_rows
from basewise.store.run_records import RunRecord, write_run
from basewise.store.scores import score_rows, write_scores
from basewise.store.shards import open_tensors
from basewise.training.feeding import predict


@pytest.fixture
def forget():
    """Forgets code that this Python has run, as a new one would not know it."""

    def forget():
        user_code._loaded.clear()
        keras.saving.get_custom_objects().clear()
        sys.modules.pop("own_my_network", None)

    yield forget
    forget()


def bundled(folder, code):
    """The bundle of an untrained network of one's own, and a FASTA with its test scores."""
    sources = make_results(folder, model="network", runs=((0, 1),))
    place, run = written(folder, code), folder / "models/m/fold0/seed1"
    model = build(place, length=LENGTH)
    model.save(run / "model.keras")

    tensors, part = open_tensors(folder / "tensors"), parts_of(folder)
    rows = scored_rows(part)
    score = predict(model, tensors, rows, 32)
    write_scores(score_rows(tensors, rows, part, score), run / "scores.parquet")
    record = RunRecord("d", "m", 0, 1, architecture="my_network.py:build")
    write_run(run / "run.json", record._replace(versions=code_versions(place)), [])
    make_bundle(folder / "d.m.zip", sources._replace(own_code=[place.partition(":")[0]]))

    test = part == "test"
    letters = np.array(list("ACGT"))[tensors.onehot(np.flatnonzero(test)).argmax(axis=2)]
    lines = [
        f">{name}\n{''.join(row)}\n" for name, row in zip(tensors.ids[test], letters, strict=True)
    ]
    (folder / "new.fa").write_text("".join(lines))
    stored = pd.read_parquet(run / "scores.parquet").set_index("id")["score.label"]
    return folder / "d.m.zip", stored


def check_scores(bundle, stored, **options):
    table = bw.score(bundle, bundle.parent / "new.fa", **options).set_index("id")
    assert len(table) > 20
    np.testing.assert_allclose(table["score.label"], stored[table.index], atol=1e-6)


@pytest.mark.slow
def test_a_network_of_stock_layers_needs_no_trust(tmp_path, forget):
    marked = f"{CONV1D}\nopen({str(tmp_path / 'ran')!r}, 'w').close()\n"
    bundle, stored = bundled(tmp_path, marked)
    (tmp_path / "ran").unlink()
    forget()
    members = check_bundle(bundle).bundle.sums
    assert "code/my_network.py" in members
    check_scores(bundle, stored)
    check_scores(bundle, stored, trust_code=True)
    assert not (tmp_path / "ran").exists()


def test_layers_of_ones_own_are_loaded_after_a_yes(tmp_path, forget):
    marked = f"{SCALED}\nopen({str(tmp_path / 'ran')!r}, 'w').close()\n"
    bundle, stored = bundled(tmp_path, marked)
    (tmp_path / "ran").unlink()
    forget()
    line = "its network needs Python code to be loaded, 'code/my_network.py' in it; read that"
    with pytest.raises(InputError, match=line):
        bw.score(bundle, tmp_path / "new.fa")
    assert not (tmp_path / "ran").exists()
    check_scores(bundle, stored, trust_code=True)
    assert (tmp_path / "ran").exists()


def test_a_layer_whose_code_is_not_there_is_refused_in_any_case(tmp_path, forget):
    sources = make_results(tmp_path, model="network", runs=((0, 1),))
    build(written(tmp_path, SCALED), length=LENGTH).save(sources.models[0])
    make_bundle(tmp_path / "without.zip", sources)
    with pytest.raises(InputError, match="holds the class own_my_network.Scaled, which no"):
        check_bundle(tmp_path / "without.zip", trust_code=True)


def test_code_of_another_day_is_not_bundled(tmp_path, forget):
    sources = make_results(tmp_path, model="network", runs=((0, 1),))
    written(tmp_path)
    file = str(tmp_path / "my_network.py")
    with pytest.raises(InputError, match="my_network.py: is not the file that the model was tr"):
        make_bundle(tmp_path / "d.m.zip", sources._replace(own_code=[file]))
