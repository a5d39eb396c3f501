import keras
import pytest


@pytest.fixture
def op_by_op(monkeypatch):
    """Networks learn and score operation by operation, with no graph.

    Tracing the graph of a network takes longer than a few steps without it. What a training reads,
    remembers and writes does not depend on it; tests of the numbers themselves go without this.
    """
    always = property(lambda model: True, lambda model, value: None)
    monkeypatch.setattr(keras.Model, "run_eagerly", always, raising=False)
