"""Write locked requirements into a conda environment (`make lock` runs it).

They come on standard input, with hashes; the environment is the file that the command line names.
"""

import sys
from pathlib import Path


def requirements(text: str) -> list[str]:
    """Requirements for Python 3.11 of a locked file, each in one line with its hashes."""
    lines = text.replace(" \\\n    ", " ").splitlines()
    return [line for line in lines if "python_full_version >= '3.12'" not in line]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    pins = requirements(sys.stdin.read())
    if not pins:
        sys.exit(f"Error: no requirements for {file} on standard input")
    head, pip, _ = file.read_text(encoding="utf-8").partition("  - pip:\n")
    items = [f"      - {pin}\n".replace(" --hash", "\n        --hash") for pin in pins]
    file.write_text(head + pip + "".join(items), encoding="utf-8")
