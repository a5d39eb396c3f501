import subprocess
import sys

import keras
import pytest

from basewise.store.memory import Forecast, forecast, too_much

NEEDED = Forecast(1_000_000_000, 250_000_000, 600_000_000, 150_000_000)


def test_the_forecast_by_hand():
    examples = keras.Input((10, 4))
    hidden = keras.layers.Dense(3, trainable=False)(examples)
    model = keras.Model(examples, keras.layers.Dense(2)(hidden))
    found = forecast(model, batch_size=5, tensors=70)
    assert found.tensors == 70
    assert found.network == 4 * (3 * (15 + 8) + 5 * 8)
    assert found.batch == 4 * 2 * 5 * 10 * (4 + 3 + 2)


def test_a_network_that_reads_both_strands_counts_twice():
    examples = keras.Input((10, 4))
    network = keras.Model(examples, keras.layers.Dense(3)(examples))
    strands = keras.layers.Average()([network(examples), network(examples[:, ::-1, ::-1])])
    found = forecast(keras.Model(examples, strands), batch_size=1, tensors=0)
    assert found.batch == 4 * 2 * 10 * (4 + 2 * (4 + 3) + 4 + 3)


def test_the_line_and_the_advice():
    parts = "framework 1.0 GB, tensors 250.0 MB, network 600.0 MB, batch 150.0 MB"
    assert NEEDED.line(6_000_000_000) == f"Memory: about 2.0 GB of 6.0 GB: {parts}"
    assert NEEDED.line(None) == f"Memory: about 2.0 GB: {parts}"
    assert too_much(NEEDED, 2_000_000_000, "train_danq") == []
    (line,) = too_much(NEEDED, 1_500_000_000, "train_danq")
    assert "may need 2.0 GB of memory, the job has 1.5 GB; lower `training: batch_size`" in line
    assert "`set-resources: train_danq: mem_mb=3000`" in line


@pytest.mark.parametrize("megabytes", [0, 200])
def test_the_peak_is_what_the_process_has_touched(megabytes):
    body = "from basewise.store.memory import peak_memory_mb as peak; before = peak(); "
    body += f"touched = b'1' * {megabytes}_000_000; del touched; print(peak() - before)"
    done = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, check=True)
    assert abs(int(done.stdout) - megabytes) < 20
