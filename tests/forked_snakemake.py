"""Dry runs of Snakemake that need not import it anew: a process that has, and forks for each.

Importing Snakemake is half of a dry run, and the tests do some eighty of them. Everything after the
import is as on the command line: a process of its own, with its folder, arguments and environment.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path


def dry_run(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """`snakemake -n ARGUMENTS` in a folder; output and messages come together as stdout."""
    command = ["-n", *arguments]
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        asked = {"command": command, "folder": str(folder), "log": log.name}
        server = _server()
        server.stdin.write(json.dumps({**asked, "environment": dict(os.environ)}) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(
            ["snakemake", *command], code, Path(log.name).read_text()
        )


@cache
def _server() -> subprocess.Popen[str]:
    command = [sys.executable, __file__]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    """Answer each line of stdin with the exit code of its dry run, until stdin ends."""
    import snakemake.api
    import snakemake.cli

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_run(snakemake.cli.main, **asked))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(main, command: list[str], folder: str, log: str, environment: dict[str, str]) -> int:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["snakemake", *command]
    target = os.open(log, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
    try:
        return int(main(command) or 0)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    _serve()
