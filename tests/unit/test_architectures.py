import inspect
import subprocess
import sys
from importlib import import_module
from textwrap import dedent

import numpy as np
import pytest

from basewise import architectures, baselines
from basewise.alphabet import encode, reverse_complement
from basewise.architectures import build
from basewise.errors import InputError

SEQUENCES = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (8, 60))


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
    ],
)
def test_published_parameter_counts(name, length, outputs, task, parameters):
    model = build(name, length=length, outputs=outputs, task=task)
    assert model.count_params() == parameters
    assert model.output_shape == (None, outputs)


def test_trainable_parameters_of_the_attention_network():
    model = build("multiscale_attention", length=200)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 113_413


def test_first_layer_of_the_wide_network():
    assert build("conv1d_wide", length=125).layers[-5].count_params() == 61_500


@pytest.mark.parametrize("registry", [architectures, baselines])
def test_registered_defaults_are_those_of_the_function(registry):
    for entry in registry.registry().values():
        module = import_module(f"{registry.__name__}.{entry['module']}")
        parameters = inspect.signature(getattr(module, entry["function"])).parameters
        for setting, schema in entry["settings"].items():
            default = parameters[setting].default
            assert schema["default"] == (list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize(
    ("unknown", "seen"), [("uniform", [0.25] * 4 + [0.5, 0, 0.5, 0]), ("zeros", [0] * 8)]
)
def test_what_a_network_sees_of_ambiguous_bases(unknown, seen):
    import keras

    from basewise.architectures.ends import onehot_input

    onehot, signal = onehot_input(4, 4, unknown)
    values = keras.Model(onehot, signal).predict(encode(["NRA-"]), verbose=0)[0]
    assert values[:2].ravel().tolist() == seen
    assert values[2:].tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("name", architectures.names())
@pytest.mark.parametrize(
    ("task", "layer", "activation"),
    [
        ("binary", "probability", "sigmoid"),
        ("multiclass", "probability", "softmax"),
        ("multilabel", "probability", "sigmoid"),
        ("regression", "value", "linear"),
    ],
)
def test_heads_of_the_tasks(name, task, layer, activation):
    last = build(name, length=60, outputs=3, task=task, reverse_complement="augment").layers[-1]
    assert (last.name, last.activation.__name__, last.units) == (layer, activation, 3)


def test_a_network_shares_an_unknown_amino_acid_among_all_20():
    import keras

    from basewise.architectures.ends import onehot_input

    onehot, signal = onehot_input(2, 20)
    values = keras.Model(onehot, signal).predict(encode(["XB"], "protein"), verbose=0)[0]
    np.testing.assert_allclose(values[0], 0.05)
    assert sorted(values[1])[-3:] == [0, 0.5, 0.5]


@pytest.mark.parametrize("name", architectures.names())
def test_networks_take_proteins(name):
    letters = np.random.default_rng(2).choice(list("ACDEFGHIKLMNPQRSTVWYX"), (4, 30))
    onehot = encode(["".join(row) for row in letters], "protein")
    scores = build(name, length=30, channels=20, outputs=2, task="regression").predict(
        onehot, verbose=0
    )
    assert scores.shape == (4, 2)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", architectures.names())
def test_averaging_both_strands_gives_them_one_score(name):
    model = build(name, length=60, reverse_complement="average")
    network = model.get_layer("network")
    assert network.count_params() == build(name, length=60).count_params()
    onehot = encode(SEQUENCES)
    forward = model.predict(onehot, verbose=0)
    reverse = model.predict(reverse_complement(onehot), verbose=0)
    np.testing.assert_allclose(forward, reverse, atol=1e-6)
    assert np.abs(network.predict(onehot, verbose=0) - forward).max() > 1e-6


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("conv2d", {"length": 50}, "unknown architecture 'conv2d'; there are conv1d,"),
        ("conv1d", {"length": 2}, "conv1d needs sequences of at least 3 letters, not 2"),
        ("conv1d", {"length": 9, "kernel_size": 12}, "at least 12 letters, not 9"),
        ("conv1d_wide", {"length": 9}, "at least 10 letters, not 9"),
        ("conv1d", {"length": 50, "task": "per_position"}, "no head for task 'per_position'"),
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


@pytest.mark.parametrize("name", architectures.names())
@pytest.mark.parametrize("strands", ["none", "average"])
def test_saved_networks_load_in_plain_keras(name, strands, tmp_path):
    model = build(name, length=60, reverse_complement=strands)
    onehot = encode(SEQUENCES)
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "io.npz", onehot=onehot, score=model.predict(onehot, verbose=0))
    program = """
        import sys
        sys.modules["basewise"] = None  # an import of it raises
        import keras, numpy
        io = numpy.load("io.npz", allow_pickle=False)
        model = keras.saving.load_model("model.keras", safe_mode=True)
        assert not model.compiled
        score = model.predict(io["onehot"], verbose=0)
        numpy.testing.assert_allclose(score, io["score"], atol=1e-6)
    """
    subprocess.run(
        [sys.executable, "-c", dedent(program)], cwd=tmp_path, check=True, capture_output=True
    )
