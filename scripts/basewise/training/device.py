"""What a network computes on: cards of its own or the CPU, under TensorFlow or JAX.

With `graph` the one that knows what stands behind Keras.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import Any

from basewise.core.errors import InputError
from basewise.training import lease

TITLES = {"tensorflow": "TensorFlow", "jax": "JAX"}

GPU_BUILDS = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda12]"}


@contextmanager
def prepare(
    *,
    gpu: int,
    memory_mb: int,
    threads: int,
    backend: str = "tensorflow",
    precision: str = "float32",
    deterministic: bool = True,
    require_gpu: bool = False,
    cards: int = 1,
) -> Iterator[str]:
    """Take cards, set Keras up for one job on them, and say so in the log.

    Enter before anything imports Keras, and stay within for as long as the cards are in use. The
    bytes of the results depend on the number of threads, under both backends, so that is a
    setting and not what the machine happens to have.

    Parameters
    ----------
    gpu
        GPUs the scheduler gave the job; with 0 none is used even if one is there.
    memory_mb
        Memory of the job in units of 1,000,000 bytes, for the log.
    backend
        ``tensorflow`` or ``jax``.
    precision
        ``float32``, ``mixed_bfloat16`` or ``mixed_float16``: Keras' dtype policy.
    deterministic
        Whether every operation gives the same bytes each time.
    cards
        Cards that share each batch, where the job was given any; with 0 it computes on the CPU.

    Yields
    ------
    What the job computes on, in one line: the cards or the CPU, threads, precision, backend.

    Raises
    ------
    InputError
        When a GPU is required and none is seen, or there are fewer than `cards`.
    """
    with ExitStack() as held:
        leased, device = _leased(held, gpu, cards)
        if require_gpu and not leased:
            raise InputError(f"`require_gpu: true`, and no GPU: {device}; {_remedy(gpu)}")
        if len(leased) > 1 and backend == "jax":
            raise InputError(f"`cards: {cards}` needs `backend: tensorflow`, this is jax")
        used = f"{device}, {_counted(threads)}, {precision}, {TITLES[backend]} {version(backend)}"
        print(f"Device: {used}; {memory_mb:,} MB of memory", flush=True)
        home = held.enter_context(TemporaryDirectory(prefix="basewise-keras-"))
        _set_environment(leased, threads, backend, deterministic, home)
        seen = _start_jax() if backend == "jax" else _start_tensorflow(threads, deterministic)
        if seen < len(leased):
            blind = f"{TITLES[backend]} sees {seen} of {_counted(len(leased), 'GPU')}"
            if require_gpu or seen:
                raise InputError(f"{blind}; `make gpu` installs `{GPU_BUILDS[backend]}`")
            print(f"Device: CPU, {blind}", flush=True)
            used = used.replace(device, f"CPU ({blind})", 1)
        _set_keras(backend, precision)
        if seen > 1:
            held.enter_context(over_devices())
        yield used


def granted(resources: Mapping[str, Any]) -> int:
    """GPUs that the scheduler gave a job.

    Its resource `gpu`, a number; or, where that is 0, `gres` as SLURM has it: ``gpu:2`` or
    ``gpu:a100:2``.

    Raises
    ------
    InputError
        When `gres` asks for GPUs without a number.
    """
    gres = resources.get("gres", "")
    asked = re.fullmatch(r"gpu:(?:[\w.]+:)?(\d+)", gres)
    if asked is None and gres.partition(":")[0] == "gpu":
        raise InputError(f"`gres: {gres}` says no number of GPUs; write {gres}:1")
    return resources.get("gpu", 0) or (int(asked[1]) if asked else 0)


def over_devices(devices: list[str] | None = None) -> AbstractContextManager[Any]:
    """TensorFlow's scope in which a network is built and trained on several devices, or all GPUs.

    Each batch is divided among them. Keras 3.15 does not divide a last batch under JAX that is
    not a multiple of the number of devices, so there is none for it.
    """
    import tensorflow as tf

    scope: AbstractContextManager[Any] = tf.distribute.MirroredStrategy(devices).scope()
    return scope


def _leased(held: ExitStack, gpu: int, cards: int) -> tuple[list[lease.Card], str]:
    """Cards taken until `held` closes, and what the job computes on."""
    if gpu == 0 or cards == 0:
        return [], "CPU"
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    if not lease.cards():
        return [], "CPU (the rule asks for a GPU and none is there)"
    if gpu < cards:
        raise InputError(
            f"`cards: {cards}`, and the job was given {_counted(gpu, 'GPU')}; raise `resources: "
            "gpu` of the profile, or lower `training: cards`"
        )

    taken = held.enter_context(lease.take(cards))
    return taken, ", ".join(card.title for card in taken)


def _remedy(gpu: int) -> str:
    if gpu == 0:
        return "give the job one (`resources: gpu` of the profile), or drop `require_gpu`"
    return "see `nvidia-smi` and CUDA_VISIBLE_DEVICES, or drop `require_gpu`"


def _counted(number: int, what: str = "thread") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _set_environment(
    leased: list[lease.Card], threads: int, backend: str, deterministic: bool, home: str
) -> None:
    """What Keras, TensorFlow, JAX and CUDA read when they are imported.

    What the user has set for other programs counts no more: it would change scores without a word.
    """
    for name in [name for name in os.environ if name.startswith(("KERAS_", "TF_"))]:
        del os.environ[name]

    os.environ["KERAS_HOME"] = home
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(card.visible for card in leased)
    os.environ["KERAS_BACKEND"] = backend
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    os.environ["NPROC"] = str(threads)
    if not leased:
        os.environ["JAX_PLATFORMS"] = "cpu"

    if backend == "jax" and deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()


def _start_tensorflow(threads: int, deterministic: bool) -> int:
    """Set TensorFlow up; how many GPUs it sees."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        tf.config.experimental.set_memory_growth(card, True)
    return len(cards)


def _start_jax() -> int:
    """How many GPUs JAX sees; the environment has set it up."""
    import jax

    return jax.device_count() if jax.default_backend() == "gpu" else 0


def _set_keras(backend: str, precision: str) -> None:
    import keras

    taken = keras.backend.backend()
    if taken != backend:
        raise RuntimeError(f"Keras computes with {taken}, not {backend}; it was imported too soon")
    # Where Keras was imported before, it has read the user's own keras.json.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(precision)
