import functools
import inspect
import re
from importlib import import_module
from textwrap import dedent

import numpy as np
import pytest
from forked_python import STEPS
from made_networks import SMALL, small, with_task
from support import ROOT

from basewise import architectures, baselines
from basewise.architectures import build
from basewise.core.errors import InputError
from basewise.scoring.checking import fault_of_network
from basewise.sequences.alphabet import encode, reverse_complement

SEQUENCES = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (32, 60))
LABELS = np.random.default_rng(2).integers(0, 2, 32)

SHORTEST = {
    "conv1d": 3,
    "conv1d_wide": 10,
    "primer_cnn": 15,
    "conv_birnn": 14,
    "danq": 38,
    "danq_jaspar": 44,
    "deepsea": 163,
    "basset": 168,
    "deepcpg": 26,
    "dragonn": 77,
    "deepgs": 21,
}
"""Letters that the defaults need; the other networks take any sequence."""


STRAND_BLIND = {"dnn_pwm"}
"""Networks that look for each motif on both strands by themselves."""


STARTS_AT_ZERO = {"dnn_markers", "sparse_markers", "deepgs"}
"""Networks whose output layer has no weights, or next to none, before training."""


SLOW_TO_LEARN = {"dnngp", "multiscale_attention", "danq_jaspar", "rnn"}
"""Networks that take seconds to memorise; a quicker one of each kind is in the default tests."""


def with_alphabet(alphabet):
    entries = architectures.registry().items()
    return [name for name, entry in entries if alphabet in entry["alphabets"]]


@functools.cache
def untrained(name):
    """A small network for all tests that only look at one with default settings."""
    return small(name)


def scores_of(model, onehot):
    return np.asarray(model(onehot, training=False))


def network_in(model):
    """The published network behind a feature stage, or the model itself."""
    return next((layer for layer in model.layers if layer.name == "network"), model)


@pytest.mark.parametrize(
    ("name", "length", "outputs", "task", "parameters"),
    [
        ("conv1d", 4, 2, "multiclass", 2_562),
        ("conv1d", 125, 2, "multiclass", 126_466),
        ("multiscale_attention", 200, 1, "binary", 114_693),
        ("multiscale_attention", 57, 1, "binary", 114_693),
        ("multiscale_attention", 200, 3, "multiclass", 114_951),
        ("multiscale_attention", 200, 3, "multilabel", 114_951),
        ("multiscale_attention", 200, 3, "regression", 114_951),
        ("primer_cnn", 50, 2, "multiclass", 6_226),
        ("conv_birnn", 40, 2, "multiclass", 64_602),
        ("conv_birnn", 40, 2, "per_position", 44_702),
        ("danq", 1000, 919, "multilabel", 46_926_479),
        ("danq", 200, 1, "binary", 9_372_411),
        ("danq", 57, 1, "binary", 2_860_411),
        ("danq_jaspar", 1000, 919, "multilabel", 67_892_175),
        ("deepsea", 1000, 919, "multilabel", 52_843_119),
        ("basset", 600, 164, "multilabel", 4_140_464),
        ("deepbind", 57, 1, "binary", 2_129),
        ("deepcpg", 1001, 1, "binary", 4_102_144 + 129),
        ("deepcpg", 501, 1, "binary", 2_070_528 + 129),
        ("dragonn", 500, 1, "binary", 7_891),
        ("dnn_kmer", 200, 1, "binary", 366_977),
        ("kmer_gcn", 200, 1, "binary", 7_873),
        ("deepgs", 1225, 1, "regression", 77_529),
        ("deepgs", 1279, 1, "regression", 80_857),
        ("deepgs", 33709, 1, "regression", 2_156_505),
        ("dlgwas", 4236, 1, "regression", 45_121),
        ("dlgwas", 1279, 1, "regression", 15_551),
    ],
)
def test_published_parameter_counts(name, length, outputs, task, parameters):
    model = build(name, length=length, outputs=outputs, task=task)
    assert network_in(model).count_params() == parameters
    assert model.output_shape == (None, *[length] * (task == "per_position"), outputs)


@pytest.mark.parametrize(
    ("name", "length", "outputs", "settings", "parameters"),
    [
        ("deepsea", 1000, 919, {"dense_units": 919}, 52_532_319),
        ("deepsea", 200, 1, {"dense_units": 919}, 7_575_759),
        ("deepsea", 200, 1, {"dense_units": 919, "batch_norm": True}, 7_575_759 + 4 * 1760),
        ("deepsea", 200, 1, {"dense_units": 919, "residual": True}, 7_575_759 + 615_840),
        ("deepbind", 57, 1, {"dense_units": 0}, 1_569),
        ("deepbind", 57, 1, {"kernel_size": 16}, 1_617),
        ("deepbind", 57, 1, {"kernel_size": 16, "pooling": "max_average"}, 2_129),
        ("dragonn", 500, 1, {"residual": True}, 7_891),
    ],
)
def test_parameter_counts_of_variants(name, length, outputs, settings, parameters):
    model = build(name, length=length, outputs=outputs, task="multilabel", **settings)
    assert model.count_params() == parameters


@pytest.mark.parametrize(
    ("length", "settings", "parameters"), [(251, {}, 82_183), (1279, {"input": "markers"}, 279_559)]
)
def test_published_parameter_counts_of_dnngp(length, settings, parameters):
    numbers = build("dnngp", length=length, channels=1, task="regression", **settings)
    assert numbers.count_params() == parameters
    assert sum(int(np.prod(w.shape)) for w in numbers.non_trainable_weights) == 384
    genotypes = build("dnngp", length=length, task="regression", **settings)
    assert network_in(genotypes).count_params() == parameters


def test_not_all_parameters_of_basset_are_trained():
    model = build("basset", length=600, outputs=164, task="multilabel")
    assert sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights) == 5_400


def test_trainable_parameters_of_the_attention_network():
    model = build("multiscale_attention", length=200)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 113_413


def test_first_layer_of_the_wide_network():
    assert build("conv1d_wide", length=125).layers[-5].count_params() == 61_500


@pytest.mark.parametrize("registry", [architectures, baselines])
def test_registered_settings_are_those_of_the_function(registry):
    for entry in registry.registry().values():
        module = import_module(f"{registry.__name__}.{entry['module']}")
        parameters = inspect.signature(getattr(module, entry["function"])).parameters.values()
        settings = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
        assert settings - {"features", "both_strands"} == set(entry["settings"])


@pytest.mark.parametrize(
    ("unknown", "seen"), [("uniform", [0.25] * 4 + [0.5, 0, 0.5, 0]), ("zeros", [0] * 8)]
)
def test_what_a_network_sees_of_ambiguous_bases(unknown, seen):
    import keras

    from basewise.architectures.ends import Ends, onehot_input

    onehot, signal = onehot_input(Ends(4, 4, 1, "binary", unknown))
    values = scores_of(keras.Model(onehot, signal), encode(["NRA-"]))[0]
    assert values[:2].ravel().tolist() == seen
    assert values[2:].tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("name", architectures.names())
def test_heads_of_the_tasks(name):
    heads = {
        "binary": ("probability", "sigmoid"),
        "multiclass": ("probability", "softmax"),
        "multilabel": ("probability", "sigmoid"),
        "regression": ("value", "linear"),
        "per_position": ("probability", "softmax"),
    }
    for task in architectures.registry()[name]["tasks"]:
        model = small(name, outputs=3, task=task)
        last = network_in(model).layers[-1]
        assert (last.name, last.activation.__name__) == heads[task]
        assert model.output_shape == (None, *[60] * (task == "per_position"), 3)
        assert model.input_shape == (None, 60, 4)
        assert model.input.dtype == "uint8"


def test_a_network_shares_an_unknown_amino_acid_among_all_20():
    import keras

    from basewise.architectures.ends import Ends, onehot_input

    onehot, signal = onehot_input(Ends(2, 20, 1, "binary", "uniform"))
    values = scores_of(keras.Model(onehot, signal), encode(["XB"], "protein"))[0]
    np.testing.assert_allclose(values[0], 0.05)
    assert sorted(values[1])[-3:] == [0, 0.5, 0.5]


@pytest.mark.parametrize(
    "name", [n for n, e in architectures.registry().items() if "protein" in e["alphabets"]]
)
def test_networks_take_proteins(name):
    letters = np.random.default_rng(2).choice(list("ACDEFGHIKLMNPQRSTVWYX"), (4, 60))
    onehot = encode(["".join(row) for row in letters], "protein")
    scores = scores_of(small(name, channels=20, outputs=2, task="regression"), onehot)
    assert scores.shape == (4, 2)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", with_alphabet("dna"))
def test_averaging_both_strands_gives_them_one_score(name):
    model = small(name, reverse_complement="average")
    network = model.get_layer("network")
    assert network.count_params() == untrained(name).count_params()
    onehot = encode(SEQUENCES)
    forward = scores_of(model, onehot)
    reverse = scores_of(model, reverse_complement(onehot))
    np.testing.assert_allclose(forward, reverse, rtol=0, atol=1e-6)
    blind = np.abs(scores_of(network, onehot) - forward).max() < 1e-6
    assert blind == (name in STRAND_BLIND)


@pytest.mark.parametrize("name", with_task("per_position"))
def test_averaged_scores_of_positions_turn_with_the_strand(name):
    model = small(name, outputs=3, task="per_position", reverse_complement="average")
    onehot = encode(SEQUENCES)
    reverse = scores_of(model, reverse_complement(onehot))[:, ::-1]
    np.testing.assert_allclose(scores_of(model, onehot), reverse, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", architectures.names())
def test_scores_do_not_depend_on_the_batch(name):
    model = untrained(name)
    onehot = encode(SEQUENCES)
    together = scores_of(model, onehot)
    assert (together.std() > 1e-5) == (name not in STARTS_AT_ZERO)
    for size in (1, 5):
        scores = [scores_of(model, onehot[start : start + size]) for start in range(0, 10, size)]
        np.testing.assert_allclose(np.concatenate(scores), together[:10], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in SLOW_TO_LEARN else name
        for name in architectures.names()
    ],
)
def test_every_weight_learns_and_32_sequences_are_memorised(name):
    import keras

    keras.utils.set_random_seed(1)
    model = small(name)
    onehot = encode(SEQUENCES)
    for weight in model.trainable_variables:
        weight.regularizer = None  # a penalty moves weights that no gradient reaches
    before = [np.array(weight) for weight in model.trainable_variables]
    optimizer = keras.optimizers.Adam(0.003)
    optimizer.build(model.trainable_variables)  # within a graph it takes as long as the rest of it
    model.compile(optimizer, "binary_crossentropy", jit_compile=False)
    for step in range(1, 601):
        model.train_on_batch(onehot, LABELS)
        if step == 5:
            learned = zip(model.trainable_variables, before, strict=True)
            assert [new.path for new, old in learned if np.array_equal(new, old)] == []
        if step % 25 == 0:
            right = ((scores_of(model, onehot)[:, 0] > 0.5) == LABELS).mean()
            if right >= 0.95:
                return
    pytest.fail(f"{right:.0%} memorised")


@pytest.mark.parametrize("name", architectures.names())
def test_shortest_sequence(name):
    entry = architectures.registry()[name]
    shortest = SHORTEST.get(name, 1)
    assert entry["minimum_length"] == shortest
    assert build(name, length=shortest, **SMALL.get(name, {})).output_shape == (None, 1)
    if shortest > 1:
        message = f"{name} needs sequences of at least {shortest} letters, not {shortest - 1};"
        with pytest.raises(InputError, match=message):
            build(name, length=shortest - 1)
        from basewise.architectures.ends import Ends

        network = getattr(import_module(f"basewise.architectures.{entry['module']}"), name)
        with pytest.raises(ValueError):
            network(
                Ends(shortest - 1, 4, 1, "binary", "uniform"),
                **architectures.full_settings(name, {}),
            )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("primer_cnn", {}),
        ("conv_birnn", {"dense_units": 32}),
        ("danq", {"pool_size": 4, "dense_units": 32}),
        ("danq_jaspar", {"pool_size": 3, "dense_units": 32}),
        ("deepsea", {"pool_sizes": [2, 1, 1], "dense_units": 32}),
        ("basset", {"pool_sizes": [1, 1, 4], "dense_units": 32}),
        ("deepcpg", {"dense_units": 32}),
        ("dragonn", {"pool_sizes": [1, 1, 3]}),
    ],
)
def test_settings_adapted_to_57_letters(name, changes):
    assert architectures.adapt_settings(name, 57, 1, "binary", "auto", {}) == changes


@pytest.mark.parametrize("name", architectures.names())
def test_every_network_adapts_to_57_letters(name):
    assert small(name, length=57).output_shape == (None, 1)


NO_OTHER_LAYERS = ("motif_strands", "scaling")
"""Settings that need motifs, or decide what a feature stage learns."""

CHOICES = [
    (name, setting, value)
    for name, entry in architectures.registry().items()
    for setting, schema in entry["settings"].items()
    for value in ([True] if schema.get("type") == "boolean" else schema.get("enum", []))
    if value != schema["default"] and setting not in NO_OTHER_LAYERS
]


def shapes_and_functions(model):
    for layer in model.layers:
        if layer.name == "network":
            yield from shapes_and_functions(layer)
        else:
            yield type(layer), layer.get_config().get("activation"), layer.output.shape
            yield type(getattr(layer, "forward_layer", None))


@pytest.mark.parametrize(("name", "setting", "value"), CHOICES)
def test_every_choice_makes_another_network(name, setting, value):
    changed, default = small(name, **{setting: value}), untrained(name)
    assert list(shapes_and_functions(changed)) != list(shapes_and_functions(default))


def test_networks_that_see_nothing_in_an_ambiguous_base():
    zeros = {
        name for name, entry in architectures.registry().items() if entry.get("unknown") == "zeros"
    }
    assert zeros >= {"danq", "danq_jaspar", "deepsea", "deepcpg", "dragonn"}
    manual = (ROOT / "config" / "README.md").read_text()
    row = re.search(r"^\| `unknown` \|(.*?)\|", manual, re.M)[1]
    assert set(re.findall("`(.*?)`", row)) == {"uniform", "zeros", *zeros}


@pytest.mark.parametrize("name", with_task("per_position"))
def test_scores_of_positions_depend_on_both_sides(name):
    model = small(name, outputs=2, task="per_position")
    onehot = encode(SEQUENCES[:2])
    for changed, scored in ((0, 20), (59, 40)):
        other = onehot.copy()
        other[:, changed] = np.roll(other[:, changed], 1, axis=-1)
        difference = scores_of(model, other) - scores_of(model, onehot)
        assert (np.abs(difference[:, scored]) > 0).all()


def test_danq_per_position_may_pool():
    model = small("danq", length=57, outputs=2, task="per_position", position_pool_size=4)
    scores = scores_of(model, encode(SEQUENCES[:, :57]))
    assert scores.shape == (32, 57, 2)
    steps = scores[:, :56].reshape(32, 14, 4, 2)
    assert np.ptp(steps, axis=2).max() == 0
    assert np.abs(np.diff(scores[:, ::4], axis=1)).min() > 0


def test_deepbind_is_what_its_paper_writes():
    model = build("deepbind", length=60, kernel_size=10, pooling="max_average", dense_units=0)
    kernel, bias, weights, offset = model.get_weights()
    onehot = encode(SEQUENCES[:3])
    padded = np.pad(onehot.astype(float), ((0, 0), (9, 9), (0, 0)), constant_values=0.25)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 10, axis=1)
    detected = np.maximum(np.einsum("npck,kcf->npf", windows, kernel) + bias, 0)
    assert detected.shape == (3, 69, 16)
    pooled = np.concatenate([detected.max(axis=1), detected.mean(axis=1)], axis=1)
    expected = 1 / (1 + np.exp(-(pooled @ weights + offset)))
    np.testing.assert_allclose(scores_of(model, onehot), expected, atol=1e-6)


def test_deepsea_may_bound_its_weights():
    model = small("deepsea", max_norm=0.9)
    model.compile("sgd", "binary_crossentropy", jit_compile=False)
    for weight in model.trainable_variables:
        weight.assign(weight * 10)
    model.train_on_batch(encode(SEQUENCES), LABELS)
    *hidden, last = [weight for weight in model.get_weights() if weight.ndim > 1]
    assert len(hidden) == 4
    for weight in hidden:
        norms = np.sqrt(np.square(weight.reshape(-1, weight.shape[-1])).sum(axis=0))
        np.testing.assert_allclose(norms, 0.9, atol=1e-4)
    assert np.sqrt(np.square(last).sum()) > 0.9


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("conv2d", {"length": 50}, "unknown architecture 'conv2d'; there are conv1d,"),
        ("conv1d", {"length": 2}, "conv1d needs sequences of at least 3 letters, not 2"),
        ("conv1d", {"length": 9, "kernel_size": 12}, "at least 12 letters, not 9"),
        ("conv1d_wide", {"length": 9}, "at least 10 letters, not 9"),
        ("conv1d", {"length": 50, "task": "per_position"}, "no head for task 'per_position'"),
        ("dnn_kmer", {"length": 50, "channels": 20}, "takes dna or rna, not an alphabet of 20"),
        (
            "conv1d",
            {"length": 50, "channels": 20, "reverse_complement": "augment"},
            "`reverse_complement: augment` needs DNA, not an alphabet of 20 letters",
        ),
    ],
)
def test_what_cannot_be_built_is_named(name, settings, message):
    with pytest.raises(InputError, match=message):
        build(name, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("strands", ["none", "average"])
def test_saved_networks_load_in_plain_keras(tmp_path, strands):
    onehot = encode(SEQUENCES[:8])
    np.save(tmp_path / "onehot.npy", onehot)
    saved = [(name, "binary") for name in architectures.names()]
    saved += [(name, "per_position") for name in with_task("per_position")]
    for name, task in saved:
        model = small(name, outputs=2, task=task, reverse_complement=strands)
        model.save(tmp_path / f"{name}-{task}.keras")
        assert fault_of_network((tmp_path / f"{name}-{task}.keras").read_bytes()) is None
        np.save(tmp_path / f"{name}-{task}.npy", scores_of(model, onehot))
    program = """
        import sys
        sys.modules["basewise"] = None  # an import of it raises
        from pathlib import Path
        import keras, numpy
        onehot = numpy.load("onehot.npy", allow_pickle=False)
        for path in sorted(Path().glob("*.keras")):
            model = keras.saving.load_model(path, safe_mode=True)
            assert not model.compiled, path
            score = numpy.asarray(model(onehot, training=False))
            expected = numpy.load(path.with_suffix(".npy"), allow_pickle=False)
            numpy.testing.assert_allclose(score, expected, atol=1e-6, err_msg=path.name)
            print(path.name)
    """
    done = STEPS.run(["-c", dedent(program)], tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.split()) == len(saved)


def test_bases_below_one_stride_share_a_score():
    model = small("conv_birnn", length=61, task="per_position", outputs=2, stride=3)
    scores = scores_of(model, encode(["ACGT" * 15 + "A"]))[0]
    np.testing.assert_array_equal(
        scores[:60].reshape(20, 3, 2)[:, :1].repeat(3, 1).reshape(60, 2), scores[:60]
    )
    assert len({tuple(score) for score in scores.tolist()}) == 21
