import hashlib
import json
import re
import shutil
import subprocess
import venv
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest
from forked_python import STEPS
from opened_files import check_reads, steps_of, undeclared, unread
from support import ROOT, Workflow, small_config

from basewise.report.writing import write_report
from basewise.store.shards import open_tensors

RUN = "models/conv1d/fold0/seed1"


def test_files_and_columns_are_those_of_the_specification(finished):
    results = finished.folder / "results"
    examples = pd.read_parquet(results / "peaks/examples/examples.parquet")
    assert list(examples) == [
        *("record", "id", "chrom", "start", "end", "strand", "source", "line"),
        *("original_length", "gc", "unknown", "soft_masked", "group", "part", "background"),
        "target.label",
    ]
    candidates = pd.read_parquet(results / "peaks/extract/candidates.parquet")
    assert candidates["id"].tolist() == examples["id"].tolist()
    assert np.load(results / "peaks/extract/letters.npy").shape == (len(candidates), 60)
    for stage in ("extract", "examples"):
        header = (results / f"peaks/{stage}/dropped.tsv").read_text().splitlines()[0]
        assert header.split("\t") == ["id", "source", "line", "reason"]
    split = pd.read_csv(results / "peaks/splits/fold0.tsv", sep="\t")
    assert list(split) == ["id", "part", "group"]
    assert set(split[split["part"] == "test"]["group"]) == {"chr3"}
    scores = pd.read_parquet(results / f"peaks/{RUN}/scores.parquet")
    assert list(scores) == ["id", "part", "target.label", "score.label"]
    assert set(scores["part"]) == {"validation", "test"}
    assert set(scores["id"]) == set(split[split["part"] != "train"]["id"])
    metrics = pd.read_csv(results / "metrics.tsv", sep="\t")
    assert list(metrics) == [
        *("dataset", "model", "fold", "seed", "part", "output", "metric", "value", "low", "high")
    ]
    chosen = metrics["metric"].str.startswith(("threshold_", "temperature"))
    assert chosen.any() and metrics[chosen]["low"].isna().all()
    assert (metrics["low"] <= metrics["value"] + 1e-9)[~chosen].all()
    assert (metrics["value"] <= metrics["high"] + 1e-9)[~chosen].all()


def test_every_input_row_is_an_example_or_dropped(finished):
    folder = finished.folder
    lines = len((folder / "input/peaks.bed").read_text().splitlines())
    examples = pd.read_parquet(folder / "results/peaks/examples/examples.parquet")
    used = examples["line"].dropna().tolist()
    dropped = pd.read_csv(folder / "results/peaks/extract/dropped.tsv", sep="\t")
    assert sorted([*used, *dropped["line"]]) == list(range(1, lines + 1))
    assert set(dropped["reason"]) == {
        "column 5 is not 1",
        "the 60 bp window leaves the chromosome",
    }


def test_tensors_hold_the_examples(finished):
    folder = finished.folder / "results/peaks"
    tensors = open_tensors(folder / "tensors")
    examples = pd.read_parquet(folder / "examples/examples.parquet")
    assert tensors.ids.tolist() == examples["id"].tolist()
    assert tensors.target[:, 0].tolist() == examples["target.label"].tolist()
    assert tensors.length == 60


def test_a_run_says_what_made_it(finished):
    run = json.loads((finished.folder / f"results/lines/{RUN}/run.json").read_text())
    assert run["architecture"] == "conv1d"
    assert run["settings"] == {"filters": 4}
    assert run["training"]["epochs"] == 2
    assert run["parameters"] == 4 * 13 + 32 * (4 * 58 + 1) + 33
    assert run["device"] == f"CPU, 1 thread, float32, TensorFlow {run['versions']['tensorflow']}"
    assert set(run["versions"]) == {"basewise", "numpy", "pandas", "keras", "tensorflow", "jax"}


NETWORKS = [f"results/lines/models/{model}/fold0/seed1" for model in ("conv1d", "attention")]


def facts(run):
    """What two trainings with one seed have in common: weights, scores and history."""
    weights = json.loads((run / "run.json").read_text())["weights_sha256"]
    return weights, digest(run / "scores.parquet"), digest(run / "history.tsv")


@pytest.mark.slow
def test_same_seed_same_bytes(finished, tmp_path):
    """A second training in another folder: the same scores and weights, to the byte."""
    copy = tmp_path / "copy"
    shutil.copytree(finished.folder, copy)
    before = [facts(copy / run) for run in NETWORKS]
    for run in NETWORKS:
        shutil.rmtree(copy / run)
    targets = [f"{run}/scores.parquet" for run in NETWORKS]
    done = Workflow(copy).run(*targets, "--cores", "1", "--configfile", "test.yaml")
    assert done.returncode == 0, done.stderr
    assert [facts(copy / run) for run in NETWORKS] == before


def test_trained_networks_load_in_plain_keras_and_give_their_scores(finished):
    program = """
        import sys
        sys.modules["basewise"] = None  # an import of it raises
        import keras, numpy, pandas
        for run in sys.argv[1:]:
            model = keras.saving.load_model(run + "/model.keras", safe_mode=True)
            scores = pandas.read_parquet(run + "/scores.parquet")
            names = pandas.read_parquet("results/lines/extract/candidates.parquet")["id"]
            rows = pandas.Index(names).get_indexer(scores["id"])
            letters = numpy.load("results/lines/extract/letters.npy")[rows]
            onehot = (letters[..., None] == numpy.frombuffer(b"ACGT", "uint8")).astype("uint8")
            found = model.predict(onehot, verbose=0)[:, 0]
            numpy.testing.assert_allclose(found, scores["score.label"], atol=1e-6)
            assert len(found) > 50
    """
    done = STEPS.run(["-c", dedent(program), *NETWORKS], finished.folder)
    assert done.returncode == 0, done.stderr


def test_a_copy_runs_its_own_library(workflow):
    """Not the one that is installed in the environment."""
    path = workflow.folder / "scripts/basewise/examples/readers.py"
    path.write_text(path.read_text().replace('f"line{number}"', 'f"row{number}"'))
    configfile = workflow.write_config(small_config())
    target = "results/lines/extract/sequences.fa"
    done = workflow.snakemake(target, "--configfile", configfile)
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / target).read_text().startswith(">row1")


def test_one_setting_leaves_the_rest_of_the_demo(workflow):
    done = workflow.snakemake("-n", "--config", "root_seed=7")
    assert re.search(r"^train_multiscale_attention_v2 +4$", done.stdout + done.stderr, re.M)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_report_is_one_offline_file(finished):
    html = (finished.folder / "results/report.html").read_text()
    page, scripts = html.split('<script type="module">', maxsplit=1)
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert scripts.count("<script") == 1
    for dataset, models in (("lines", 3), ("peaks", 2)):
        section = html.split(f'<section id="d.{dataset}">')[1].split("</section>")[0]
        assert section.count("<caption>Confusion matrix") == models
        for figure in ("Scores by true class", "ROC curve"):
            assert section.count(f"<figcaption>{figure}") == models
        assert section.count("<figcaption>Learning curves") == models - 1
    assert "leaves the chromosome" in html


def test_the_report_escapes_what_users_write(finished, tmp_path):
    models = {"lines": ["conv1d"]}
    titles = {"conv1d": {"title": "<b>t</b>", "citation": "<i>c</i>"}}
    config = {
        "datasets": {
            "lines": {
                "task": "binary",
                "alphabet": "dna",
                "description": "<script>1</script>",
            }
        },
        "models": {"conv1d": {"architecture": "conv1d"}},
    }
    results = finished.folder / "results"
    write_report(
        tmp_path / "r.html",
        results=results,
        models=models,
        titles=titles,
        classes={"lines": {"0": "<i>no</i>", "1": "<b>yes</b>"}},
        folds={"lines": [0]},
        seeds=[1],
        config=config,
    )
    html = (tmp_path / "r.html").read_text()
    assert "&lt;script&gt;" in html
    assert "1 is &lt;b&gt;yes&lt;/b&gt;" in html and "predicted 1: &lt;b&gt;yes" in html
    assert "<script>" not in html and "<b>" not in html and "<i>" not in html


@pytest.mark.slow
def test_snakemakes_own_report_builds(finished):
    done = finished.snakemake("--configfile", "test.yaml", "--report", "snakemake-report.html")
    assert done.returncode == 0, done.stderr
    assert (finished.folder / "snakemake-report.html").stat().st_size > 100_000


def test_a_step_runs_where_the_package_is_not_installed(workflow, tmp_path):
    bare = tmp_path / "bare"
    venv.create(bare, with_pip=False)
    packages = np.__path__[0].removesuffix("/numpy")
    site = next((bare / "lib").glob("python*/site-packages"))
    (site / "packages.pth").write_text(packages + "\n")
    python = str(bare / "bin" / "python")
    imports = subprocess.run([python, "-c", "import basewise"], capture_output=True, cwd=tmp_path)
    assert b"No module named 'basewise'" in imports.stderr
    configfile = workflow.write_config(small_config())
    target = "results/lines/extract/letters.npy"
    done = workflow.snakemake(target, "--configfile", configfile, python=python)
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / target).is_file()


def test_a_step_imports_nothing_that_lies_in_the_work_folder(workflow):
    """Snakemake's scripts lie in .snakemake/scripts, which Python would look into first."""
    for place in (".snakemake/scripts", "."):
        (workflow.folder / place).mkdir(parents=True, exist_ok=True)
        (workflow.folder / place / "pandas.py").write_text("raise SystemExit('a stranger ran')\n")
    target = "results/lines/extract/letters.npy"
    done = workflow.snakemake(target, "--configfile", workflow.write_config(small_config()))
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / target).is_file()


@pytest.mark.parametrize("target", ["all", "tensors", "models"])
def test_targets_and_the_catalog_shim(finished, target):
    done = finished.snakemake(target, "-n", "-s", "workflow/Snakefile", "--configfile", "test.yaml")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


def test_the_shim_has_a_default_target(workflow):
    done = workflow.snakemake("-n", "-s", "workflow/Snakefile")
    assert "write_report" in done.stdout + done.stderr


@pytest.mark.parametrize("profile", ["default", "cpu", "slurm"])
def test_profiles_parse(workflow, profile):
    done = workflow.snakemake("-n", "--workflow-profile", f"profiles/{profile}")
    assert done.returncode == 0, done.stderr


def test_a_profile_may_name_rules_that_the_configuration_does_not_have(workflow):
    done = workflow.snakemake(
        "-n", "--set-resources", "train_danq:mem_mb=9", "--groups", "train_danq=x"
    )
    assert done.returncode == 0, done.stderr
    assert "train_multiscale_attention" in done.stdout + done.stderr


def test_the_readmes_graph_is_that_of_the_rules(workflow):
    done = workflow.snakemake("--rulegraph", "mermaid-js")
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", done.stdout))
    edges = {
        (names[one], names[two]) for one, two in re.findall(r"(id\d+) --> (id\d+)", done.stdout)
    }
    drawn = re.findall(r"^ +(\w+) --> (\w+)$", (ROOT / "README.md").read_text(), re.M)
    assert len(drawn) > 20
    assert set(drawn) <= edges
    rules = {rule for edge in edges for rule in edge if not rule.startswith("simulate_")}
    assert {rule for edge in drawn for rule in edge} == rules - {"all"}


def test_every_rule_says_what_it_needs():
    """Log, benchmark, conda, threads, resources, message, named input and output in each rule."""
    for file in sorted((ROOT / "workflow/rules").glob("*.smk")):
        bodies = re.split(r"^ *rule\b.*:\n", file.read_text(), flags=re.M)[1:]
        for body in bodies:
            for directive in ("log", "benchmark", "conda", "threads", "resources", "message"):
                assert f" {directive}:" in body, (file.name, directive, body[:200])
            for block in re.findall(r"^ +(?:input|output):\n((?: {8,}.*\n)+)", body, flags=re.M):
                first = block.splitlines()[0].strip()
                assert re.match(r"\w+=|\*\*", first), (file.name, first)


def test_the_readmes_own_data_example_is_valid(workflow):
    folder = workflow.folder
    text = re.search(r"```yaml\n(datasets:.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    assert len(text.splitlines()) <= 6
    (folder / "my.yaml").write_text(text)
    shutil.copy(folder / "input/genome.fa", folder / "genome.fa.gz")
    shutil.copy(folder / "input/peaks.bed", folder / "peaks.bed")
    assert "train_multiscale_attention_v2" in workflow.planned("my.yaml")


def test_steps_read_what_they_declare(finished):
    """Each file of results/ and of the user; both ways."""
    rules = check_reads(finished.folder)
    assert {"extract_regions", "train_conv1d", "record_run", "write_report"} < rules


def test_a_step_that_reads_what_it_does_not_declare_is_seen(tmp_path):
    """And one that declares what it does not read."""
    step = {
        "rule": "evaluate",
        "inputs": {"table": ["results/a.tsv"], "tensors": ["results/tensors"]},
        "outputs": ["results/made"],
        "read": [
            *(f"{tmp_path}/results/{file}" for file in ("a.tsv", "b.tsv", "made/c.tsv")),
            f"{tmp_path}/results/benchmarks/evaluate.jsonl",
            "/elsewhere/results/d.tsv",
        ],
    }
    (tmp_path / "opened.jsonl").write_text(json.dumps(step) + "\n")
    (step,) = steps_of(tmp_path)
    assert undeclared(step) == {"results/b.tsv"}
    assert unread(step) == {("tensors", "results/tensors")}
    with pytest.raises(AssertionError, match="evaluate"):
        check_reads(tmp_path)


@pytest.mark.slow
def test_ten_folds_and_five_models_open_the_sequences_three_times(workflow):
    """To encode, to split by homology, and to look for leaks: not for each fold or model."""
    config = small_config()
    del config["datasets"]["peaks"]
    config["datasets"]["lines"]["split"] = {"method": "homology", "folds": 10}
    sizes = {f"kmers{k}": {"baseline": "kmer_logistic", "largest_k": k} for k in (1, 2, 3)}
    config["models"] = {
        **sizes,
        "rate": {"baseline": "majority"},
        "one": {"baseline": "onehot_logistic"},
    }
    config["seeds"] = [1]
    done = workflow.run("results/report.html", "--configfile", workflow.write_config(config))
    assert done.returncode == 0, done.stdout + done.stderr
    letters = "results/lines/extract/letters.npy"
    readers = [step["rule"] for step in steps_of(workflow.folder) if letters in step["read"]]
    assert sorted(readers) == ["audit_leakage", "encode_tensors", "split_examples"]
