"""Shuffling a sequence so that its dinucleotide counts stay."""

import numpy as np
from numpy.typing import NDArray


def shuffle_dinucleotides(
    letters: NDArray[np.uint8], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Shuffle a sequence uniformly among all with the same dinucleotide counts, shape (length,).

    The sequence is an Eulerian path through its letters; another one is drawn by the method of
    Altschul and Erickson, Mol Biol Evol 2:526 (1985), with the last step out of each letter from a
    random spanning tree (Wilson 1996). First and last letter stay.
    """
    alphabet, path = np.unique(letters, return_inverse=True)
    followers = [path[1:][path[:-1] == letter] for letter in range(len(alphabet))]
    last_step = _random_tree(followers, int(path[-1]), generator)
    queues = []
    for letter, choices in enumerate(followers):
        last = choices[choices == last_step.get(letter)][:1]
        place = np.flatnonzero(np.isin(choices, last))[:1]
        order = generator.permutation(np.delete(choices, place))
        queues.append(iter([*order.tolist(), *last.tolist()]))

    walk = [int(path[0])]
    for _ in range(len(path) - 1):
        walk.append(next(queues[walk[-1]]))

    return alphabet[walk]


def _random_tree(
    followers: list[NDArray[np.int64]], root: int, generator: np.random.Generator
) -> dict[int, int]:
    """Draw the last step out of each letter so that all of them lead to the root.

    A loop-erased random walk from each letter, each step drawn from the letter's followers.
    """
    step: dict[int, int] = {}
    settled = {root}
    for letter in range(len(followers)):
        at = letter
        while at not in settled:
            step[at] = int(generator.choice(followers[at]))
            at = step[at]
        at = letter
        while at not in settled:
            settled.add(at)
            at = step[at]
    return step
