"""The plan of runs, and what the rules need to know of it."""

import ast
import subprocess
import sys
from types import SimpleNamespace

import pytest
from configs import CATALOG, changed, read
from support import ROOT, small_config

from basewise.config import records
from basewise.config.reading import NOTHING, plans_no_run, read_study
from basewise.config.study import Surroundings, any_of, ask, evaluations_of, files_of
from basewise.core.jobs import one_or_nested

PACKAGE = ROOT / "scripts/basewise/config"
GENOTYPES = {
    "genotypes": "input/calls.csv",
    "phenotypes": "input/traits.tsv",
    "traits": [1, "y"],
    "covariates": [2],
    "task": "regression",
    "columns": {"group": "family"},
}


def study(config=None, **surroundings):
    """The study of a right configuration."""
    done = read(config or small_config(), surroundings=Surroundings(**surroundings))
    assert done.mistakes == []
    return done.study


def with_models(**models) -> dict:
    config = small_config()
    config["models"] |= models
    return config


def with_dataset(**entry) -> dict:
    return changed("datasets", "new", value=entry)


# Runs.


def test_models_run_where_they_are_named_or_fit():
    config = with_models(ridge={"baseline": "kmer_ridge"}, long={"architecture": "basset"})
    config["datasets"]["wide"] = {**config["datasets"]["peaks"], "window": 1000}
    del config["datasets"]["wide"]["models"]
    plan = study(config)
    assert plan.runs_on == {
        "lines": ["conv1d", "attention", "kmers", "long"],
        "peaks": ["conv1d", "kmers"],
        "wide": ["conv1d", "attention", "kmers", "long"],
    }
    assert plan.measured == ["lines", "peaks", "wide"]
    assert plan.of_networks("peaks") == ["conv1d"]
    assert plan.models.networks == ["conv1d", "attention", "long"]


SCAN = {"baseline": "motif_scan", "motifs": ["input/a.meme"]}
PWM = {"architecture": "dnn_pwm", "motifs": "input/a.meme"}


def test_a_scan_of_the_same_motifs_stands_beside_a_network_that_names_them(folder):
    (folder / "input/b.meme").touch()
    plan = study(with_models(pwm=PWM, again={**PWM, "central": 9}, both={
        "architecture": "danq_jaspar", "motifs": ["input/a.meme", "input/b.meme"]
    }))  # fmt: skip
    assert plan.models.entries["motif_scan"] == SCAN
    assert plan.models.motifs("motif_scan_2") == ["input/a.meme", "input/b.meme"]
    # peaks names its models, none of which has motifs; danq_jaspar is too long for nothing here
    assert plan.runs_on["peaks"] == ["conv1d", "kmers"]
    assert plan.runs_on["lines"][-2:] == ["motif_scan", "motif_scan_2"]
    assert plan.models.defaults == ["motif_scan", "motif_scan_2"]
    assert plan.kinds("lines")["motif_scan"] == "baseline"


def test_a_dataset_that_names_such_a_network_gets_the_scan_too():
    plan = study(changed("datasets", "peaks", "models", value=["pwm"], config=with_models(pwm=PWM)))
    assert plan.runs_on["peaks"] == ["pwm", "motif_scan"]


@pytest.mark.parametrize(
    ("models", "more", "scans"),
    [
        ({"pwm": PWM, "mine": SCAN}, {}, ["mine"]),
        ({"pwm": PWM, "mine": {**SCAN, "motifs": "input/a.meme"}}, {}, ["mine"]),
        ({"pwm": PWM}, {"default_baselines": []}, []),
        ({"pwm": {"architecture": "dnn_pwm"}}, {}, []),
        ({"pwm": PWM, "motif_scan": {"baseline": "majority"}}, {}, ["motif_scan_2"]),
        ({"pwm": PWM, "shuffled": {"control": "pwm"}}, {}, ["motif_scan"]),
    ],
)
def test_nobody_gets_a_scan_twice_or_unwanted(models, more, scans):
    plan = study(with_models(**models) | more)
    assert plan.models.of_kind("baseline", "motif_scan") == scans
    assert [name for name in plan.runs_on["lines"] if name in scans] == scans


def test_a_scan_stands_only_where_it_fits():
    """No dataset of positions, and none of proteins, can be scanned."""
    config = with_models(pwm=PWM)
    config["datasets"]["lines"] |= {"alphabet": "protein"}
    assert "motif_scan" not in study(config).runs_on["lines"]


def test_composition_stands_beside_networks_that_tell_classes_apart():
    config = small_config() | {"default_baselines": ["composition_logistic"]}
    plan = study(config)
    assert plan.models.defaults == ["composition_logistic"]
    assert plan.runs_on["peaks"] == ["conv1d", "kmers", "composition_logistic"]
    assert plan.runs_on["lines"][-1] == "composition_logistic"
    assert plan.kinds("lines")["composition_logistic"] == "baseline"

    config["models"]["mine"] = {"baseline": "composition_logistic"}
    plan = study(config)
    assert plan.models.of_kind("baseline", "composition_logistic") == ["mine"]
    assert plan.runs_on["peaks"] == ["conv1d", "kmers"]


@pytest.mark.parametrize(
    "change",
    [
        {"models": {"kmers": {"baseline": "kmer_logistic"}}},
        {"datasets": {"d": GENOTYPES}},
        {"datasets": {"d": small_config()["datasets"]["lines"] | {"task": "regression"}}},
        {"default_baselines": []},
    ],
)
def test_composition_stands_nowhere_else(change):
    config = small_config() | {"default_baselines": ["composition_logistic"]}
    del config["datasets"]["peaks"]["models"]
    plan = study(config | change)
    assert plan.models.defaults == [] and "composition_logistic" not in plan.config["models"]


def test_a_dataset_that_no_model_fits_is_not_measured():
    plan = study(with_dataset(**GENOTYPES))
    assert plan.runs_on["new"] == ["conv1d", "attention"]
    config = with_dataset(uci="input/table.csv", task="multiclass", alphabet="protein")
    config["models"] = {"kmers": config["models"]["kmers"]}
    config["datasets"]["peaks"]["models"] = ["kmers"]
    assert study(config).runs_on["new"] == []
    assert study(config).measured == ["lines", "peaks"]


def test_runs_are_folds_by_seeds_and_an_ensemble_has_one_a_fold():
    config = with_models(both={"ensemble": ["conv1d", "kmers"]})
    config["datasets"]["lines"]["split"] = {"folds": 3}
    plan = study(config)
    assert plan.runs("lines", "kmers") == [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)]
    assert plan.runs("lines", "both") == [(0, 1), (1, 1), (2, 1)]
    assert plan.folds == {"lines": [0, 1, 2], "peaks": [0]}
    assert plan.of_members("a", dataset="lines", model="both", fold="2") == [
        f"results/lines/models/{model}/fold2/seed{seed}/a"
        for model in ("conv1d", "kmers")
        for seed in (1, 2)
    ]
    assert plan.of_runs("a", dataset="peaks", model="kmers") == [
        "results/peaks/models/kmers/fold0/seed1/a",
        "results/peaks/models/kmers/fold0/seed2/a",
    ]
    assert len(plan.all_runs("a")) == 3 * 2 * 3 + 3 + 2 * 2
    assert plan.first_network("lines", "conv1d").endswith("conv1d/fold0/seed1/model.keras")
    assert plan.first_fold("lines") == 0


def test_scores_are_paired_by_example_in_tasks_of_one_class_an_example():
    plan = study(changed("datasets", "lines", "task", value="multilabel"))
    assert plan.matched_runs("lines") == []
    assert plan.matched_runs("peaks") == [
        (model, 0, seed) for model in ("conv1d", "kmers") for seed in (1, 2)
    ]
    assert plan.matched_scores("peaks")[1] == (
        "results/peaks/models/conv1d/fold0/seed2/scores.parquet"
    )


# Models.


def test_a_control_has_the_settings_of_its_model_but_no_search():
    config = with_models(
        tuned={"architecture": "conv1d", "filters": 8, "tune": {"search": {"dropout": [0.1, 0.2]}}},
        shuffled={"control": "tuned"},
    )
    plan = study(config)
    assert plan.models.entries["shuffled"] == {
        "architecture": "conv1d",
        "filters": 8,
        "control": "tuned",
    }
    assert plan.models.tuned == ["tuned"]
    assert plan.models.settings("shuffled") == {"filters": 8}
    assert plan.models.controlled("shuffled") == "tuned"
    assert plan.models.titles()["shuffled"]["title"] == "Conv1D, on shuffled labels"
    assert plan.asked["models"]["shuffled"] == {"control": "tuned"}


def test_kinds_of_models():
    config = with_models(
        both={"ensemble": ["conv1d", "kmers"]},
        nets={"ensemble": ["conv1d", "attention"]},
        shuffled={"control": "kmers"},
    )
    plan = study(config)
    assert plan.kinds("lines") == {
        "conv1d": "network",
        "attention": "network",
        "kmers": "baseline",
        "both": "mixed",
        "nets": "network",
        "shuffled": "control",
    }
    assert plan.models.titles()["nets"]["title"] == "Mean of conv1d, attention, 2 seeds each"
    assert plan.models.ensembles == ["both", "nets"]
    assert plan.models.baselines == ["kmers", "shuffled"]
    assert plan.models.of_kind("architecture", "conv1d", "danq") == ["conv1d"]


def test_the_reference_is_gblup_where_it_runs():
    config = changed("models", "g", value={"baseline": "gblup"}, config=with_dataset(**GENOTYPES))
    config["models"]["control"] = {"control": "g"}
    assert study(config).reference("new") == "g"
    assert study(config).reference("lines") is None


@pytest.mark.parametrize(
    ("model", "dataset", "fits"),
    [
        ({}, {}, True),
        ({"reverse_complement": "average"}, {"alphabet": "protein"}, False),
        (
            {"tune": {"search": {"reverse_complement": ["none", "average"]}}},
            {"alphabet": "rna"},
            False,
        ),
        ({"architecture": "basset"}, {"window": 167}, False),
        ({"architecture": "basset"}, {"window": 168}, True),
        ({"architecture": "basset"}, {}, True),
        ({"architecture": "basset", "adapt": "auto"}, {"window": 50}, True),
        ({"architecture": "basset", "pool_sizes": [2, 2, 2]}, {"window": 50}, True),
        ({}, {"task": "per_position"}, False),
    ],
)
def test_what_a_network_can_take(model, dataset, fits):
    models = study(changed("models", "m", value={"architecture": "conv1d", **model})).models
    entry = {"task": "binary", "alphabet": "dna", **dataset}
    assert models.fits("m", entry) is fits


def test_what_the_user_asks_for_beats_what_was_published_and_that_the_defaults():
    danq = CATALOG.architectures["danq"]
    assert danq["training"]["optimizer"] == "rmsprop"
    config = with_models(
        danq={"architecture": "danq"},
        mine={
            "architecture": "danq",
            "training": {"optimizer": "sgd", "batch_size": 8, "cards": 2},
        },
    )
    training = study(config).training
    assert training.settings("danq")["optimizer"] == "rmsprop"
    assert training.settings("danq")["batch_size"] == 32
    assert training.settings("mine")["optimizer"] == "sgd"
    assert training.settings("mine")["batch_size"] == 8
    assert training.threads("danq") == danq["threads"]
    assert (training.cards("danq"), training.cards("mine")) == (1, 2)
    assert training.cpu("mine")["cards"] == 1
    assert not {*training.settings("mine")} & {*training.device("mine")}
    config["training"]["optimizer"] = "adamw"
    assert study(config).training.settings("danq")["optimizer"] == "adamw"


def test_the_environment_says_what_computes_where_the_configuration_is_silent():
    assert study().training.device("conv1d")["backend"] == "tensorflow"
    assert study(backend="jax").training.device("conv1d")["backend"] == "jax"
    asked = changed("training", "backend", value="tensorflow")
    assert study(asked, backend="jax").training.device("conv1d")["backend"] == "tensorflow"


def test_a_search_knows_what_it_is_of():
    search = {"filters": {"low": 2, "high": 8}, "learning_rate": [0.1, 0.2]}
    tune = {"search": search, "jobs": 2}
    searches = study(with_models(t={"architecture": "conv1d", "tune": tune})).searches
    assert searches.space("t") == {
        "learning_rate": {"of": "training", "choices": [0.1, 0.2]},
        "filters": {"of": "settings", "integer": True, "low": 2, "high": 8},
    }
    assert searches.plan("t") == [30, 2, 2]
    assert list(searches.architectures()) == ["conv1d"]
    assert searches.of_architecture("conv1d") == ["t"]


def test_a_tuned_model_waits_for_its_search():
    tune = {"search": {"filters": [2, 4]}, "jobs": 2}
    plan = study(with_models(t={"architecture": "conv1d", "tune": tune}))
    folder = "results/lines/tuning/t/fold0"
    where = {"dataset": "lines", "fold": "0"}
    assert plan.search_results(model="t", **where) == [
        f"{folder}/jobs/0.json",
        f"{folder}/jobs/1.json",
    ]
    assert plan.best_settings(model="t", **where) == [f"{folder}/best.json"]
    assert plan.best_settings(model="kmers", **where) == []
    assert plan.all_searches("a", "b") == [f"{folder}/a", f"{folder}/b"]


# Datasets.


def test_a_path_of_settings_ends_in_none():
    datasets = study().datasets
    assert datasets.setting("negatives", "method", dataset="peaks") == "genome"
    assert datasets.setting("features", "classes", dataset="peaks") is None
    assert datasets.settings("window", "length", dataset="peaks") == {"window": 60}


@pytest.mark.parametrize(
    ("entry", "reading"),
    [
        ({"fasta": {"b": "input/classes.fa", "no": "input/classes.fa"}, "task": "binary"}, "b"),
        ({"fasta": {"b": "input/classes.fa", "a": "input/classes.fa"}, "task": "multiclass"}, None),
        ({"table": "input/table.csv", "task": "binary"}, None),
        ({"table": "input/table.csv", "task": "binary", "positive": 2}, "2"),
        (
            {
                "genome": "input/genome.fa",
                "regions": {"x": "input/peaks.bed", "non_x": "input/peaks.bed"},
                "window": 50,
                "task": "binary",
            },
            "x",
        ),
    ],
)
def test_the_first_of_one_file_a_class_is_positive(entry, reading):
    expected = {"positive": reading, "transform": "none", "unit": "sequence"}
    assert study(with_dataset(**entry)).datasets.label_reading("new") == expected


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ({"fasta": {"b": "input/classes.fa", "other": "input/classes.fa"}}, ["other", "b"]),
        (
            {"fasta": {"b": "input/classes.fa", "a": "input/classes.fa"}, "positive": "a"},
            ["b", "a"],
        ),
        (
            {"fasta": {"b": "input/classes.fa"}, "negatives": {"method": "shuffle"}},
            ["background", "b"],
        ),
        ({"table": "input/table.csv", "positive": "case"}, ["not case", "case"]),
    ],
)
def test_classes_have_the_names_of_files_and_labels(entry, names):
    datasets = study(with_dataset(**entry, task="binary")).datasets
    assert datasets.class_names("new") == dict(zip("01", names, strict=True))
    assert datasets.class_names("lines") is None


def test_a_split_that_lists_chromosomes_reads_their_names():
    config = changed("datasets", "peaks", "aliases", value="input/folds.tsv")
    assert study(config).datasets.split_aliases("peaks") == ["input/folds.tsv"]
    config["datasets"]["peaks"]["split"] = {"method": "chromosome", "folds": 3}
    assert study(config).datasets.split_aliases("peaks") == []


def test_columns_of_labels_and_phenotypes():
    datasets = study(with_dataset(**GENOTYPES)).datasets
    assert datasets.label_columns("new") == {
        "id": None,
        "group": "family",
        "label": ["1", "y"],
        "covariates": ["2"],
    }
    assert datasets.label_reading("new")["unit"] == "individual"
    labels = {"file": "input/labels.txt", "id": "name"}
    config = changed("datasets", "peaks", "labels", value=labels)
    assert study(config).datasets.label_columns("peaks") == {"id": "name"}
    assert study(config).datasets.region_columns("peaks") == {"id": 4}
    assert study().datasets.region_columns("peaks") == {}


def test_files_are_there_where_the_dataset_has_them():
    datasets = study(with_dataset(**GENOTYPES, split={"method": "homology"})).datasets
    assert datasets.letters("new") == "results/new/extract/genotypes.npy"
    assert datasets.compared_letters("new") == [datasets.letters("new")]
    assert datasets.near("new") == {"share": 0.95}
    assert datasets.covariates("new") == ["results/new/examples/examples.parquet"]
    assert datasets.markers("new") == ["results/new/extract/markers.tsv"]
    assert datasets.has_groups("new")
    assert datasets.form("new") == "genotypes"
    assert datasets.regressions == ["new"]
    assert datasets.classified == ["lines", "peaks"]
    for method in ("compared_letters", "covariates", "markers", "positions"):
        assert getattr(datasets, method)("peaks") == []
    assert datasets.near("peaks") is None


def test_classes_of_positions_begin_with_that_of_no_feature():
    features = {"file": "input/genes.gtf", "classes": {"e": "exon"}}
    entry = small_config()["datasets"]["peaks"] | {"task": "per_position", "features": features}
    del entry["negatives"], entry["models"]
    plan = study(with_dataset(**entry))
    assert plan.datasets.position_classes("new") == ["none", "e"]
    assert plan.datasets.positions("new") == ["results/new/examples/positions.npy"]
    assert plan.datasets.position_classes("peaks") is None


def test_background_keeps_off_what_it_is_told_and_what_labels_it():
    entry = small_config()["datasets"]["peaks"]
    overlap = {"files": {"a": "input/peaks.bed"}}
    entry |= {"task": "multilabel", "overlap": overlap}
    entry["negatives"]["away_from"] = ["input/genes.gtf"]
    datasets = study(with_dataset(**entry | {"models": ["conv1d"]})).datasets
    assert datasets.background_keeps_off("new") == ["input/genes.gtf", "input/peaks.bed"]
    assert datasets.overlap("new") == {"bases": 1}
    assert datasets.file_names("overlap", "files", dataset="new") == ["a"]
    assert datasets.background_keeps_off("lines") == []


def test_files_of_parts_and_classes_keep_their_names():
    fasta = {
        "train": {"no": "input/classes.fa", "on": "input/one.fa"},
        "test": {"no": "input/two.fa", "on": "input/three.fa"},
    }
    entry = {"fasta": fasta, "task": "binary", "positive": "on"}
    datasets = read(with_dataset(**entry), looks_for_files=False).study.datasets
    names, files = datasets.sequence_names("new"), datasets.sequence_files("new")
    assert one_or_nested(files, names) == fasta
    assert datasets.class_names("new") == {"0": "no", "1": "on"}
    assert datasets.sequence_names("lines") is None
    assert one_or_nested(["a"], None) == "a"


def test_checksums_are_of_the_files_of_a_dataset(monkeypatch):
    monkeypatch.setenv("HERE", "input")
    files = ["$HERE/labels.txt", "input/genome.fa"]
    sources = [
        {"file": file, "from": "x", "licence": "y", "sha256": str(n) * 64}
        for n, file in enumerate(files)
    ]
    datasets = study(small_config() | {"sources": sources}).datasets
    assert datasets.checksums("lines") == {"$HERE/labels.txt": "0" * 64}
    assert datasets.files("labels", dataset="lines") == ["input/labels.txt"]
    assert datasets.sequence_files("lines") == ["input/sequences.txt"]


# What a run leaves on record.


def test_a_module_with_a_prefix_moves_files():
    plan = study(placed=lambda path: f"moved/{path}")
    assert plan.datasets.label_files("lines") == ["moved/input/labels.txt"]
    assert ("lines", "input/labels.txt", "moved/input/labels.txt") in records.named_sources(plan)


def test_the_recorded_configuration_is_the_one_asked_for():
    assert records.recorded_config(study()) == small_config()
    recorded = records.recorded_config(study(backend="jax"))
    assert recorded["training"] == {"backend": "jax", **small_config()["training"]}


def test_sources_are_named_once_and_with_motifs():
    config = with_models(
        pwm={"architecture": "dnn_pwm", "motifs": "input/a.meme"},
        both={"ensemble": ["pwm", "kmers"]},
    )
    config["datasets"]["peaks"]["models"] = ["both"]
    named = records.named_sources(study(config))
    assert named.count(("peaks", "input/a.meme", "input/a.meme")) == 1
    assert records.source_paths(study(config)) == sorted(
        f"input/{file}"
        for file in ("a.meme", "genome.fa", "labels.txt", "peaks.bed", "sequences.txt")
    )
    assert "pwm" in records.described_models(study(config))


def test_the_methods_describe_what_runs():
    described = records.described_models(study())
    assert described["conv1d"]["entry"] == {"architecture": "conv1d", "filters": 4}
    assert described["conv1d"]["training"]["epochs"] == 2
    assert described["kmers"]["training"] is None
    assert records.described_datasets(study())["lines"] == {
        "task": "binary",
        "split": {"method": "random"},
        "near": {"share": 0.5},
    }


def test_promised_files_begin_with_those_of_the_demo():
    plan = study(changed("datasets", "lines", "labels", value="results/demo/labels.txt"))
    promised = records.promised_files(plan)
    assert promised[0] == "results/demo/labels.txt"
    assert len(set(promised)) == len(promised)
    assert {*plan.all_runs("scores.parquet"), "results/metrics.tsv"} < {*promised}


# Helpers of the rules, and the package.


def test_a_rule_asks_with_its_wildcards():
    plan = study()
    wildcards = SimpleNamespace(dataset="peaks", model="kmers", fold="0", seed="1")
    assert ask(plan.of_runs, "a")(wildcards) == plan.of_runs("a", dataset="peaks", model="kmers")
    assert ask(plan.datasets.setting, "task")(wildcards) == "binary"
    assert ask(plan.models.baseline)(SimpleNamespace(model="kmers")) == "kmer_logistic"


def test_names_become_constraints_and_files():
    assert any_of(["a", "b"]) == "a|b"
    assert any_of([]) == "(?!)"
    assert files_of(["a"], "s", "x", "y") == ["results/a/s/x", "results/a/s/y"]
    assert evaluations_of(["a"], lambda dataset: ["m"], "x") == ["results/a/evaluation/m/x"]


def test_a_wrong_configuration_plans_nothing():
    done = read(changed("training", "epochs", value="many"))
    assert done.mistakes and done.study.datasets.names == []
    nothing = read_study(NOTHING, CATALOG).study
    assert (nothing.all_runs("a"), nothing.measured, nothing.seeds) == ([], [], [1])
    assert records.described_models(nothing) == {}


@pytest.mark.parametrize(
    ("command", "is_without"),
    [
        ("--unlock", True),
        ("-c 1 --lint", True),
        ("--lint=json", True),
        ("--cleanup-metadata a.tsv", True),
        ("--list-rules", True),
        ("-n", False),
        ("--summary --cores 1", False),
        ("", False),
    ],
)
def test_some_commands_need_no_right_configuration(command, is_without):
    assert plans_no_run(["snakemake", *command.split()]) is is_without


def test_the_package_imports_nothing_of_the_library_and_itself_relatively():
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert not node.module.startswith("basewise"), file
            if isinstance(node, ast.Import):
                assert not [name for name in node.names if name.name.startswith("basewise")], file


def test_reading_a_configuration_imports_nothing_slow():
    code = (
        "import sys, basewise.config.reading, basewise.config.records\n"
        "slow = {'numpy', 'pandas', 'keras', 'snakemake', 'scipy', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(str(slow) if slow else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
