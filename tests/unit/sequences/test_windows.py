import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basewise.sequences.alphabet import complement_letters
from basewise.sequences.intervals import cut_windows


def region(start, end, strand=".", summit=-1):
    return pd.DataFrame(
        {"chrom": ["I"], "start": [start], "end": [end], "strand": [strand], "summit": [summit]}
    )


def place(windows):
    return windows["start"].iloc[0], windows["end"].iloc[0]


@pytest.mark.parametrize(
    ("start", "end", "window", "expected"),
    [
        (100, 101, 200, (0, 200)),  # base 100 is the centre of [0, 200)
        (100, 104, 4, (100, 104)),
        (100, 105, 5, (100, 105)),
        (100, 103, 2, (100, 102)),
        (10, 11, 1, (10, 11)),
        (0, 1, 4, (-2, 2)),
    ],
)
def test_midpoint(start, end, window, expected):
    assert place(cut_windows(region(start, end), window, "midpoint")) == expected


@pytest.mark.parametrize(
    ("strand", "center", "shift", "expected"),
    # region [100, 110), summit 103; windows of 4 have 2 bases before their centre
    [
        ("+", "midpoint", 0, (103, 107)),
        ("+", "summit", 0, (101, 105)),
        ("+", "start", 0, (98, 102)),
        ("+", "end", 0, (107, 111)),
        ("+", "start", 10, (108, 112)),
        ("+", "start", -10, (88, 92)),
        (".", "end", 3, (110, 114)),
        ("-", "midpoint", 0, (103, 107)),
        ("-", "summit", 0, (102, 106)),
        ("-", "start", 0, (108, 112)),
        ("-", "end", 0, (99, 103)),
        ("-", "start", 10, (98, 102)),
        ("-", "start", -10, (118, 122)),
    ],
)
def test_centres_lie_along_the_strand(strand, center, shift, expected):
    assert place(cut_windows(region(100, 110, strand, 103), 4, center, shift)) == expected


def test_a_region_without_a_summit_has_its_midpoint():
    regions = pd.concat([region(100, 110, strand) for strand in "+-."])
    pd.testing.assert_frame_equal(
        cut_windows(regions, 5, "summit"), cut_windows(regions, 5, "midpoint")
    )


@given(
    start=st.integers(30, 60),
    width=st.integers(1, 20),
    summit=st.none() | st.floats(0, 1, exclude_max=True),
    window=st.integers(1, 12),
    center=st.sampled_from(["summit", "midpoint", "start", "end"]),
    shift=st.integers(-10, 10),
)
def test_the_mirror_image_gives_the_same_letters(start, width, summit, window, center, shift):
    chromosome = np.random.default_rng(5).choice(np.frombuffer(b"ACGTRN", np.uint8), 120)
    mirrored = complement_letters(chromosome)
    end = start + width
    peak = -1 if summit is None else start + int(summit * width)
    mirrored_peak = -1 if summit is None else 119 - peak
    plus = cut_windows(region(start, end, "+", peak), window, center, shift)
    minus = region(120 - end, 120 - start, "-", mirrored_peak)
    left, right = place(cut_windows(minus, window, center, shift))
    assert place(plus) == (120 - right, 120 - left)
    assert complement_letters(mirrored[left:right]).tobytes() == (
        chromosome[slice(*place(plus))].tobytes()
    )
