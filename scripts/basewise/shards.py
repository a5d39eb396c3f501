"""The door to the tensor cache: `basewise.shards.open_tensors(folder)`."""

from basewise.store.shards import (
    Piece,
    Tensors,
    cut_pieces,
    open_tensors,
    pack_tensors,
    write_tensors,
)

__all__ = ["Piece", "Tensors", "cut_pieces", "open_tensors", "pack_tensors", "write_tensors"]
