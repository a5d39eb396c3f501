"""Scoring a FASTA file, end to end, against predicting in the graph on packed rows that are ready.

A bundle of `multiscale_attention_v2` with one run (its initial weights) scores random sequences of
200 bp; near copies are looked for among 9,000 training sequences. CPU seconds of one process, what
starts it left out, and its highest memory::

    taskset -c 0 python benchmarks/scoring.py [SEQUENCES]
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from made_bundles import made_letters, make_bundle, make_results

from basewise.scoring.applying import load_model, score_blocks
from basewise.scoring.scored_files import NewExamples
from basewise.store.scored import writing_scored
from basewise.training import device

LENGTH, TRAINED, AT_ONCE = 200, 12_000, 50_000

READY = 40_000
"""Rows on which the prediction alone is timed, in turn with the whole."""


def main() -> None:
    """Measure as many sequences as the command names."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        with device.prepare(gpu=0, memory_mb=4000, threads=1):
            make_bundle(folder / "b.zip", results_in(folder))
            write_fasta(folder / "new.fa", number)
            measure(folder, number)


def results_in(folder):
    """Results of the network, as sources of a bundle."""
    network = {"architecture": "multiscale_attention_v2", "reverse_complement": "none"}
    letters = made_letters(TRAINED, LENGTH)
    return make_results(folder, runs=[(0, 1)], letters=letters, model="network", **network)


def write_fasta(path, number):
    """Random sequences, each on one line."""
    draws = np.random.default_rng(7)
    with open(path, "wb") as stream:
        for start in range(0, number, AT_ONCE):
            rows = min(AT_ONCE, number - start)
            letters = draws.choice(np.frombuffer(b"ACGT", np.uint8), (rows, LENGTH))
            records = enumerate(letters, start)
            stream.write(b"".join(b">s%d\n%s\n" % (row, text.tobytes()) for row, text in records))


def measure(folder, number):
    """Print what the whole takes, and what the prediction alone."""
    files = folder / "b.zip", folder / "new.fa"
    model = load_model(NewExamples(*files, form="sequences").checked)
    (predict,) = model.predictors
    ready = made_letters(READY, LENGTH)
    predict(ready[:1000])

    alone = [seconds(lambda: predict(ready))]
    started = time.process_time()
    new = NewExamples(*files, form="sequences")
    with writing_scored(folder / "scores.tsv", folder / "scores.parquet") as add:
        for rows in score_blocks(model, new.blocks()):
            add(rows)
    whole = time.process_time() - started
    alone.append(seconds(lambda: predict(ready)))

    of_one, of_ready = whole / number, sum(alone) / 2 / READY
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{number:,} sequences: {whole:.1f} CPU s, {1 / of_one:,.0f} a second")
    print(f"prediction alone: {1 / of_ready:,.0f} a second")
    print(f"the whole takes {of_one / of_ready:.2f} times the prediction")
    print(f"highest memory: {memory:.2f} GiB")


def seconds(run):
    """CPU seconds of a call."""
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
