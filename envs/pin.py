"""Write the versions of requirements.txt into the conda environments (`make lock` runs it)."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
PINNED = re.compile(
    r"^([A-Za-z0-9_.-]+)==(\S+?)(?: ; python_full_version < '3\.12')?(?: ; | \\|$)", re.M
)


def locked() -> dict[str, str]:
    """Package to version for Python 3.11, from the lock file."""
    lines = (FOLDER / "requirements.txt").read_text(encoding="utf-8")
    lines = "\n".join(line for line in lines.splitlines() if ">= '3.12'" not in line)
    return dict(PINNED.findall(lines))


if __name__ == "__main__":
    versions = locked()
    for file in FOLDER.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        pins = re.sub(r"- ([\w.-]+)==\S+", lambda pin: f"- {pin[1]}=={versions[pin[1]]}", text)
        file.write_text(pins, encoding="utf-8")
