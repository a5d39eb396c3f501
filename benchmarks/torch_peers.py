"""DanQ and the attention network in plain PyTorch, trained for some batches on one core.

Usage: python benchmarks/torch_peers.py danq|multiscale_attention
"""

from __future__ import annotations

import sys

import torch
from architectures import BATCH, LENGTHS, report
from torch import nn


class DanQ(nn.Module):
    """320 kernels of width 26, a maximum over 13, an LSTM in both directions, 925 units."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.detect = nn.Conv1d(4, 320, 26)
        self.pool = nn.Sequential(nn.ReLU(), nn.MaxPool1d(13), nn.Dropout(0.2))
        self.read = nn.LSTM(320, 320, bidirectional=True, batch_first=True)
        steps = (length - 25) // 13
        self.answer = nn.Sequential(
            nn.Dropout(0.5), nn.Flatten(), nn.Linear(640 * steps, 925), nn.ReLU(), nn.Linear(925, 1)
        )

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Logits, shape (batch, 1), of one-hot sequences, shape (batch, 4, length)."""
        states, _ = self.read(self.pool(self.detect(onehot)).transpose(1, 2))
        return self.answer(states)


class Branch(nn.Module):
    """A convolution, normalized, weighted by attention over positions, its maximum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.detect = nn.Sequential(
            nn.Conv1d(4, 64, width, padding="same"), nn.ReLU(), nn.BatchNorm1d(64), nn.Dropout(0.2)
        )
        self.score = nn.Sequential(nn.Conv1d(64, 1, 1), nn.Tanh(), nn.Softmax(dim=2))

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Features, shape (batch, 64)."""
        found = self.detect(onehot)
        return (found * self.score(found)).amax(dim=2)


class Attention(nn.Module):
    """Four branches and two dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(Branch(width) for width in (3, 7, 15, 25))
        sizes = ((256, 256, 0.5), (256, 128, 0.3))
        dense = [
            layer
            for before, after, rate in sizes
            for layer in (
                nn.Linear(before, after),
                nn.ReLU(),
                nn.BatchNorm1d(after),
                nn.Dropout(rate),
            )
        ]
        self.answer = nn.Sequential(*dense, nn.Linear(128, 1))

    def forward(self, onehot: torch.Tensor) -> torch.Tensor:
        """Logits, shape (batch, 1), of one-hot sequences, shape (batch, 4, length)."""
        return self.answer(torch.cat([branch(onehot) for branch in self.branches], dim=1))


def main(name: str) -> None:
    """Train one of the networks and print its line of the table."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    length = LENGTHS.get(name, 200)
    network = DanQ(length) if name == "danq" else Attention()
    letters = torch.randint(4, (BATCH, length))
    onehot = nn.functional.one_hot(letters, 4).transpose(1, 2).float().contiguous()
    target = torch.randint(2, (BATCH, 1)).float()
    optimizer = torch.optim.Adam(network.parameters())
    loss = nn.BCEWithLogitsLoss()

    def step() -> None:
        optimizer.zero_grad()
        loss(network(onehot), target).backward()
        optimizer.step()

    report(f"{name} in PyTorch", length, step)


if __name__ == "__main__":
    main(sys.argv[1])
