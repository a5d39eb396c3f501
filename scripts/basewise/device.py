"""What a network trains on: the one module that knows TensorFlow rather than Keras."""

from __future__ import annotations

import os

__all__ = ["prepare"]


def prepare(*, threads: int, gpu: int) -> str:
    """Set TensorFlow up for one repeatable job. Call before anything imports Keras.

    Operations are deterministic; the bytes of the results still depend on the number of threads,
    so that is a setting and not what the machine happens to have.

    Parameters
    ----------
    threads
        Threads TensorFlow computes with.
    gpu
        GPUs the job was given; with 0 none is used even if one is there.

    Returns
    -------
    What the job computes on: the cards or the CPU, threads, precision.
    """
    if gpu == 0:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.experimental.enable_op_determinism()
    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        tf.config.experimental.set_memory_growth(card, True)
    device = ", ".join(card.name for card in cards) or "CPU"
    if gpu and not cards:
        print("Note: the rule asks for a GPU and TensorFlow sees none; training on the CPU.")
    return f"{device}, {threads} thread{'s' if threads > 1 else ''}, float32"
