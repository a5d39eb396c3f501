import keras
import numpy as np
import pytest
from keras import ops

from basewise.core.errors import InputError
from basewise.training.optimizers import OneCycle, optimizer_of
from basewise.training.settings import Training

TRAINING = Training(epochs=2, batch_size=2, patience=5, learning_rate=1)
STEPS = 5

# sums of the rates of ten steps, and the rate behind the last one; the highest rate is 1
SCHEDULES = [
    ({"schedule": "plateau"}, 10, 1),
    ({"schedule": "constant"}, 10, 1),
    ({"schedule": "constant", "warmup_epochs": 1}, (0 + 0.2 + 0.4 + 0.6 + 0.8) + 5, 1),
    ({"schedule": "cosine"}, 5.5, 0),
    ({"schedule": "cosine", "warmup_epochs": 1}, (0 + 0.2 + 0.4 + 0.6 + 0.8) + 3, 0),
    ({"schedule": "one_cycle"}, (0.04 + 0.52 + 1) + (3 + 4 * 4e-6), 4e-6),
]


def rate(schedule, step):
    return float(ops.convert_to_numpy(schedule(ops.convert_to_tensor(step))))


def moved(gradients, names=("kernel", "bias"), steps=1, **training):
    """How far variables that begin at 1 go down."""
    optimizer = optimizer_of(TRAINING._replace(**training), STEPS, 2)
    variables = [keras.Variable(1.0, name=name) for name in names]
    for _ in range(steps):
        optimizer.apply([ops.convert_to_tensor(value) for value in gradients], variables)
    return [1 - float(ops.convert_to_numpy(variable)) for variable in variables]


@pytest.mark.parametrize(("settings", "total", "last"), SCHEDULES)
def test_a_fit_takes_the_rates_of_its_schedule(settings, total, last):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((1, 1))])
    optimizer = optimizer_of(TRAINING._replace(optimizer="sgd", **settings), STEPS, 2)
    model.compile(optimizer, loss=lambda truth, score: ops.mean(score, axis=-1))
    ones = np.ones((2 * STEPS, 1))
    model.fit(ones, ones, batch_size=2, epochs=2, verbose=0)
    # the gradient is 1 in each step
    assert float(model.get_weights()[0][0, 0]) == pytest.approx(-total, rel=1e-5)
    end = float(ops.convert_to_numpy(optimizer.learning_rate))
    assert end == pytest.approx(last, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    ("steps", "table"),
    [
        (20, {0: 0.04, 5: 1, 12: 0.500002, 19: 4e-6, 30: 4e-6}),
        (30, {4: 0.52, 8: 1}),
        (1, {0: 4e-6}),
    ],
)
def test_one_cycle_has_the_rates_of_pytorch(steps, table):
    schedule = OneCycle(2.0, steps)
    for step, share in table.items():
        assert rate(schedule, step) == pytest.approx(2 * share, rel=1e-5)


def test_a_plateau_can_set_the_rate():
    optimizer = optimizer_of(TRAINING, STEPS, 2)
    optimizer.learning_rate = 0.25
    assert float(ops.convert_to_numpy(optimizer.learning_rate)) == 0.25


@pytest.mark.parametrize(
    ("training", "steps", "distance"),
    [
        ({"optimizer": "sgd"}, 2, 0.2),
        ({"optimizer": "sgd", "momentum": 0}, 2, 0.2),  # as a configuration has it
        ({"optimizer": "sgd", "momentum": 0.9}, 2, 0.1 + 0.19),
        ({"optimizer": "adam"}, 1, 0.1),
        ({"optimizer": "rmsprop"}, 1, 0.1 / 0.1**0.5),
    ],
)
def test_each_optimizer_steps_as_its_definition(training, steps, distance):
    found = moved([1.0], ["kernel"], steps, learning_rate=0.1, **training)
    assert found == pytest.approx([distance], rel=1e-4)


@pytest.mark.parametrize(
    ("optimizer", "asked", "decay"),
    [
        ("adamw", None, 0.004),
        ("adamw", 0.0, 0),
        ("adamw", 0.5, 0.5),
        ("adam", None, 0),
        ("adam", 0.5, 0.5),
        ("rmsprop", 0.5, 0.5),
        ("sgd", 0.5, 0.5),
    ],
)
def test_weight_decay_is_decoupled_and_spares_biases(optimizer, asked, decay):
    found = moved(
        [0.0] * 4,
        ["kernel", "bias", "gamma", "beta"],
        optimizer=optimizer,
        weight_decay=asked,
        learning_rate=0.1,
    )
    assert found == pytest.approx([0.1 * decay, 0, 0, 0], abs=1e-7)


def test_gradients_are_clipped_together():
    assert moved([3.0, 4.0], optimizer="sgd", clip_norm=1.0) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("schedule", ["plateau", "one_cycle"])
def test_not_every_schedule_warms_up(schedule):
    with pytest.raises(InputError, match=f"`warmup_epochs: 1` .* not with {schedule}; take one"):
        optimizer_of(TRAINING._replace(schedule=schedule, warmup_epochs=1), STEPS, 2)


def test_a_warmup_leaves_epochs():
    with pytest.raises(InputError, match="`warmup_epochs: 2` takes all of the 2 epochs"):
        optimizer_of(TRAINING._replace(schedule="cosine", warmup_epochs=2), STEPS, 2)
