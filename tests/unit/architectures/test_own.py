"""Networks of one's own: the same as the library's where they are the same, else told in a line."""

import json

import keras
import numpy as np
import pytest
from made_networks import random_letters, tensors_of, trained
from own_code import CONV1D, SCALED, written
from support import ROOT

from basewise import architectures
from basewise.architectures.entry import open_entry
from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.sequences.alphabet import CHANNELS

TASKS = {"binary": 1, "multiclass": 3, "multilabel": 2, "regression": 2}


def weights_and_scores(name, bits, **options):
    keras.utils.set_random_seed(7)
    model = architectures.build(name, length=bits.shape[1], channels=bits.shape[2], **options)
    return model.get_weights(), np.asarray(model(bits))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("reverse_complement", ["none", "average"])
def test_a_copy_of_conv1d_is_conv1d(tmp_path, task, reverse_complement):
    bits = np.random.default_rng(1).integers(0, 2, (5, 40, 4)).astype(np.uint8)
    options = {
        **{"task": task, "outputs": TASKS[task], "filters": 6, "dropout": 0.2},
        "reverse_complement": reverse_complement,
    }
    mine, theirs = (weights_and_scores(n, bits, **options) for n in (written(tmp_path), "conv1d"))
    assert len(mine[0]) == len(theirs[0])
    for one, other in zip(mine[0], theirs[0], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(mine[1], theirs[1])


@pytest.mark.slow
def test_it_trains_as_conv1d_does(tmp_path):
    letters = random_letters(80, 30)
    tensors_of(tmp_path, letters, np.arange(80)[:, None] % 2, task="binary", outputs=["y"])
    settings = {"filters": 4, "dropout": 0.3, "unknown": "zeros"}
    place = written(tmp_path)
    scores, run = trained(tmp_path, architecture=place, settings=settings, refit=True)
    others, other = trained(tmp_path, architecture="conv1d", settings=settings, refit=True)
    assert run["weights_sha256"] == other["weights_sha256"]
    assert scores.equals(others)
    assert run["architecture"] == "my_network.py:build"
    assert run["versions"]["my_network.py"] == sha256_of(tmp_path / "my_network.py")
    assert "my_network.py" not in other["versions"]


@pytest.mark.parametrize("alphabet", CHANNELS)
def test_it_takes_every_alphabet(tmp_path, alphabet):
    channels = len(CHANNELS[alphabet])
    model = architectures.build(written(tmp_path), length=12, channels=channels, outputs=2)
    assert model.input_shape == (None, 12, channels)
    assert model.input.dtype == "uint8"


def test_it_can_answer_for_each_position(tmp_path):
    place = written(tmp_path, function="positions")
    model = architectures.build(place, length=20, outputs=3, task="per_position", width=3)
    bits = np.eye(4, dtype=np.uint8)[np.zeros((2, 20), dtype=int)]
    scores = np.asarray(model(bits))
    assert scores.shape == (2, 20, 3)
    np.testing.assert_allclose(scores.sum(axis=-1), 1, rtol=1e-6)


@pytest.mark.slow
def test_it_has_an_entry_behind_the_cast(tmp_path):
    model = architectures.build(written(tmp_path), length=12, reverse_complement="average")
    bits = np.random.default_rng(1).integers(0, 2, (5, 12, 4)).astype(np.uint8)
    entry = open_entry(model)
    np.testing.assert_allclose(entry.model(entry.numbers(bits)), model(bits), rtol=1e-6)


def test_a_layer_of_ones_own_is_saved_and_loaded(tmp_path):
    model = architectures.build(written(tmp_path, SCALED), length=12, factor=3)
    model.save(tmp_path / "m.keras")
    bits = np.eye(4, dtype=np.uint8)[None, np.arange(12) % 4]
    loaded = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(bits), model(bits))


def changed(old, new, code=CONV1D):
    assert old in code
    return code.replace(old, new)


@pytest.mark.parametrize(
    ("code", "options", "line"),
    [
        (
            changed("layers.Flatten()", "layers.Flaten()"),
            {},
            "my_network.py:10: AttributeError: module 'keras.layers' has no attribute 'Flaten'",
        ),
        ("import nothing_of_that_name", {}, "my_network.py:1: ModuleNotFoundError: No module"),
        ("def build(:", {}, "my_network.py:1: SyntaxError: invalid syntax"),
        ("raise SystemExit(0)", {}, "my_network.py:1: SystemExit: 0"),
        (CONV1D, {"filter": 3}, "TypeError: build() got an unexpected keyword argument 'filter'"),
        (CONV1D.replace("def build", "def built"), {}, "my_network.py: has no function 'build'"),
        (changed("return keras.Model(", "return ("), {}, "gives a tuple, it has to give a keras"),
        (
            changed("(length, channels))", "(length, 5))"),
            {},
            "gives a model that reads (12, 5), not (12, 4)",
        ),
        (
            changed("(length, channels))", '(length, channels), dtype="uint8")'),
            {},
            "gives a model that reads uint8, letters come as float32",
        ),
        (
            changed("layers.Dense(outputs)", "layers.Dense(outputs + 1)"),
            {},
            "answers with (2,) for an example, it has to with (1,); let it end in `layers.Dense(",
        ),
        (
            changed("layers.Flatten()(hidden)", "hidden"),
            {},
            "answers with (10, 1) for an example, it has to with (1,)",
        ),
        (CONV1D, {"task": "per_position"}, "it has to with (12, 1); a convolution with `padding="),
        (
            changed("Dense(outputs)", 'Dense(outputs, activation="sigmoid")'),
            {},
            "build ends in a sigmoid, which basewise adds itself; take it out",
        ),
        (
            changed("layers.Dense(outputs)(hidden)", "keras.ops.sigmoid(layers.Dense(1)(hidden))"),
            {},
            "build ends in a sigmoid, which",
        ),
        (
            changed("layers.Flatten()", "layers.Lambda(lambda x: x)"),
            {},
            "has the Lambda layer 'lambda",
        ),
        (
            changed("layers.Dense(outputs)(hidden)", "layers.Dense(1)(keras.ops.log(0 * hidden))"),
            {},
            "answers with what is no finite number",
        ),
        (
            changed('@keras.saving.register_keras_serializable(package="mine")', "", SCALED),
            {},
            "the layer Scaled is not registered; write `@keras.saving.register_keras",
        ),
        (
            changed('"factor": self.factor', '"factor": 1', SCALED),
            {},
            "answers otherwise once it was saved and loaded; let `get_config`",
        ),
        (
            changed(', "factor": self.factor', "", SCALED),
            {},
            "cannot be saved and loaded again",
        ),
        (
            changed('activation="relu"', "activation=lambda x: x"),
            {},
            "cannot be saved and loaded again",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 90 else "",
)
def test_what_cannot_be_trained_is_told_in_a_line(tmp_path, code, options, line):
    place = written(tmp_path, code)
    with pytest.raises(InputError) as caught:
        architectures.build(place, length=12, **options)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "my_network.py"))
    assert line in message
    assert "\n" not in message


def test_the_story_of_an_error_goes_to_the_log(tmp_path, capsys):
    place = written(tmp_path, "def build(length):\n    return {}['a']\n")
    with pytest.raises(InputError, match="my_network.py:2: KeyError: 'a'"):
        architectures.build(place, length=12)
    assert "Traceback (most recent call last)" in capsys.readouterr().out


def test_a_function_gets_what_it_asks_for(tmp_path):
    code = "def build(task, channels):\n    raise ValueError(f'{task} {channels}')\n"
    with pytest.raises(InputError, match="my_network.py:2: ValueError: multilabel 4"):
        architectures.build(written(tmp_path, code), length=12, outputs=3, task="multilabel")


@pytest.mark.slow
def test_nothing_is_left_beside_the_file(tmp_path):
    (tmp_path / "code").mkdir()
    architectures.build(written(tmp_path / "code"), length=12)
    assert [file.name for file in (tmp_path / "code").iterdir()] == ["my_network.py"]
    json.dumps(architectures.entry_of(written(tmp_path)))


def test_the_page_shows_the_example():
    code = (ROOT / "config/examples/my_network.py").read_text().partition("import keras")[2]
    assert code in (ROOT / "docs/own_networks.md").read_text()
    place = f"{ROOT}/config/examples/my_network.py:build"
    assert architectures.build(place, length=50, blocks=2).output_shape == (None, 1)
