"""From a training to its bundle, and from the bundle alone to scores of new sequences."""

import shutil

import numpy as np
import pandas as pd
import pytest
from opened_files import check_reads
from support import small_config

from basewise.scoring import check_bundle


@pytest.mark.slow
def test_a_bundle_scores_without_data_and_results(workflow):
    config = small_config()
    config["datasets"] = {"lines": {**config["datasets"]["lines"], "models": ["conv1d"]}}
    config["datasets"]["lines"]["bundles"] = ["conv1d"]
    made = workflow.run("bundles", "--configfile", workflow.write_config(config))
    assert made.returncode == 0, made.stdout + made.stderr
    results = workflow.folder / "results"
    contract = check_bundle(results / "bundles/lines.conv1d.zip").contract
    assert (contract.kind, contract.name) == ("network", "conv1d")

    # as another machine would have it: the bundles, and nothing else
    runs = [results / f"lines/models/conv1d/fold0/seed{seed}/scores.parquet" for seed in (1, 2)]
    tables = [pd.read_parquet(path).query("part == 'test'") for path in runs]
    part = pd.read_csv(results / "lines/splits/fold0.tsv", sep="\t", index_col="id")["part"]
    sequences = (workflow.folder / "input/sequences.txt").read_text().split()
    records = [f">line{line}\n{letters}\n" for line, letters in enumerate(sequences, 1)]
    shutil.rmtree(results / "lines")
    shutil.rmtree(workflow.folder / "input")
    new = workflow.folder / "input/new.fa"
    new.parent.mkdir()
    new.write_text("".join(records))

    (workflow.folder / "input/g.fa").write_text(f">I\n{''.join(sequences)}\n")
    (workflow.folder / "input/names.tsv").write_text("chrI\tI\n")
    length = len(sequences[0])
    middles = [place + length // 2 for place in range(0, 9 * length, length)]
    regions = "".join(f"chrI\t{middle}\t{middle + 1}\n" for middle in middles)
    (workflow.folder / "input/r.bed").write_text(regions)

    models = {"models": "results/lines", "model": "conv1d"}
    beside = {"genome": "input/g.fa", "aliases": "input/names.tsv"}
    score = {
        "new": {**models, "sequences": "input/new.fa"},
        "sites": {**models, "regions": "input/r.bed", **beside},
    }
    configfile = workflow.write_config({"score": score}, "score.yaml")
    assert workflow.planned(configfile) == {"score_sequences": 2, "report_scores": 2}
    done = workflow.run("score", "--configfile", configfile)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"score_sequences", "report_scores"} <= check_reads(workflow.folder)
    assert workflow.planned(configfile) == {}

    scored = pd.read_csv(results / "scored/new/scores.tsv", sep="\t").set_index("id")
    assert len(scored) == len(sequences)
    tested = tables[0]["id"]
    expected = np.mean([table["score.label"] for table in tables], axis=0)
    np.testing.assert_allclose(scored["score.label"][tested], expected, atol=1e-6)
    is_seen = scored["flags"].fillna("").str.contains("seen in training")
    assert is_seen[part[part != "test"].index].all()

    of_sites = pd.read_csv(results / "scored/sites/scores.tsv", sep="\t")
    first_lines = scored.iloc[: len(of_sites)]
    np.testing.assert_allclose(of_sites["score.label"], first_lines["score.label"], atol=1e-6)
    assert of_sites["seen_as"].fillna("").tolist() == first_lines["seen_as"].fillna("").tolist()

    with open(new, "a") as stream:
        stream.write(">short\nACGT\n")
    refused = workflow.run("score", "--configfile", configfile)
    assert refused.returncode != 0
    said = {line for line in refused.stderr.splitlines() if line.startswith("Error: input/new.fa")}
    assert len(said) == 1 and "1 of 241 sequences cannot be scored" in said.pop()
