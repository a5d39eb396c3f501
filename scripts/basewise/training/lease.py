"""One job, one card: GPUs that jobs of one machine take for themselves and give back."""

import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from basewise.core.errors import InputError

POLL_SECONDS = 0.2

QUERY = ("nvidia-smi", "--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits")

HIDDEN = ("", "-1", "NoDevFiles")


class Card(NamedTuple):
    """A GPU.

    `visible` stands for it in CUDA_VISIBLE_DEVICES. `uuid` is its name on every machine and `title`
    its product and memory, as ``NVIDIA H200 (150.8 GB)``; both `visible` where the driver does not
    tell.
    """

    visible: str
    uuid: str
    title: str


def cards() -> list[Card]:
    """Cards that this process may use.

    Those of CUDA_VISIBLE_DEVICES, by number, GPU- or MIG-UUID, if it is set; numbers are those of
    `nvidia-smi`, which are CUDA's with CUDA_DEVICE_ORDER=PCI_BUS_ID. Otherwise all that
    `nvidia-smi` lists.
    """
    known = _known()
    asked = os.environ.get("CUDA_VISIBLE_DEVICES")
    if asked is None:
        return known

    visible: dict[Card, None] = {}
    for name in asked.split(","):
        card = _named(name.strip(), known)
        if card is None:
            break
        visible[card] = None

    return list(visible)


@contextmanager
def take(count: int) -> Iterator[list[Card]]:
    """Hold cards that no other job of this user on this machine holds; wait until they are free.

    A card is held by a lock on a file, which the system takes back when the process ends, however
    it does. All cards are taken at once, so that jobs that want several cannot block each other.

    Raises
    ------
    InputError
        When there are fewer, free or not.
    """
    pool = cards()
    if len(pool) < count:
        raise InputError(
            f"{count} GPUs are asked for, there {'is' if len(pool) == 1 else 'are'} {len(pool)}; "
            "lower `training: cards`, or widen CUDA_VISIBLE_DEVICES"
        )

    folder, waiting = _folder(), False
    while True:
        with ExitStack() as locks:
            free = _lock_free(pool, count, folder, locks)
            if len(free) == count:
                yield free
                return
        if not waiting:
            print(f"Waiting for {count} of {len(pool)} GPUs, others hold them", flush=True)
        waiting = True
        time.sleep(POLL_SECONDS)


def _known() -> list[Card]:
    """What the driver tells of each card of the machine."""
    try:
        done = subprocess.run(QUERY, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return []
    lines = [[field.strip() for field in line.split(",")] for line in done.stdout.splitlines()]
    return [
        Card(index, uuid, f"{name} ({_memory(mebibytes)})")
        for index, uuid, name, mebibytes in lines
    ]


def _memory(mebibytes: str) -> str:
    known = mebibytes.isdigit()
    return f"{int(mebibytes) * 2**20 / 1e9:.1f} GB" if known else "memory unknown"


def _named(name: str, known: list[Card]) -> Card | None:
    """The card behind an entry of CUDA_VISIBLE_DEVICES; like CUDA, None for one that is not there.

    A UUID may be cut short. `nvidia-smi` lists no part (MIG) of a card.
    """
    for card in known:
        if name == card.visible or (name.startswith("GPU-") and card.uuid.startswith(name)):
            return card._replace(visible=name)
    hidden = name in HIDDEN or (known and not name.startswith("MIG-"))
    return None if hidden else Card(name, name, f"GPU {name}")


def _folder() -> Path:
    """Where the locks of this user lie."""
    folder = Path(tempfile.gettempdir()) / f"basewise-cards-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _lock_free(pool: list[Card], count: int, folder: Path, locks: ExitStack) -> list[Card]:
    """Lock `count` cards, or none, while no other job looks for some."""
    free: list[Card] = []
    with open(folder / "guard", "a") as guard:
        # One at a time: two jobs that each hold a part of what both want would wait for ever.
        fcntl.flock(guard, fcntl.LOCK_EX)
        for card in pool:
            if len(free) < count and _locked(folder / card.uuid.replace("/", "_"), locks):
                free.append(card)
        if len(free) < count:
            locks.close()

    return free


def _locked(path: Path, locks: ExitStack) -> bool:
    """Lock a file until `locks` close, unless another process did."""
    # "a" makes the file where there is none, and leaves its content to whoever holds it.
    stream = open(path, "a")  # noqa: SIM115
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        return False

    locks.enter_context(stream)
    # A lock belongs to the open file: a worker that outlives its parent would keep the card.
    os.register_at_fork(after_in_child=stream.close)
    return True
