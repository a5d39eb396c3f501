"""What docs/library.md shows is what its code prints."""

import re
import subprocess
import sys

import pytest
from support import ROOT

import basewise as bw

PAGE = (ROOT / "docs" / "library.md").read_text()
BLOCK = r"```python\n(.*?)```"
DECIMAL = r"-?\d+\.\d+"
END = "end of a block"


def printed(folder):
    """What each block of the page prints, in a Python of its own."""
    blocks = re.findall(BLOCK, PAGE, re.S)
    program = f"\nprint({END!r})\n".join(blocks)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [output.strip("\n") for output in done.stdout.split(END + "\n") if output]


def shown():
    return [text.strip("\n") for text in re.findall(r"```text\n(.*?)```", PAGE, re.S)]


@pytest.mark.slow
def test_the_page_prints_what_it_shows(tmp_path):
    outputs, page = printed(tmp_path), shown()
    assert len(outputs) == len(page)
    for output, text in zip(outputs, page, strict=True):
        assert re.sub(DECIMAL, "", output).split() == re.sub(DECIMAL, "", text).split()
        # another processor may round otherwise
        expected = [float(number) for number in re.findall(DECIMAL, text)]
        assert [float(number) for number in re.findall(DECIMAL, output)] == pytest.approx(
            expected, abs=0.02
        )


def test_the_page_is_about_thirty_lines():
    lines = "".join(re.findall(BLOCK, PAGE, re.S)).splitlines()
    assert len([line for line in lines if line]) <= 30


def test_the_page_names_every_verb():
    assert set(re.findall(r"^\| `(\w+)\(", PAGE, re.M)) == set(bw.__all__)
