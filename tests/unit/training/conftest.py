import keras
import pytest


@pytest.fixture
def op_by_op(monkeypatch):
    """Networks learn and score operation by operation, with no graph.

    Tracing the graph of a network takes longer than a few steps without it. It is for tests of what
    a training reads, remembers and says; those of equal bytes and of resuming trace their graphs.
    """
    always = property(lambda model: True, lambda model, value: None)
    monkeypatch.setattr(keras.Model, "run_eagerly", always, raising=False)
