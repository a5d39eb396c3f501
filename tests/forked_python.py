"""A Python that has imported already what a program needs, and forks for each that asks.

Importing Snakemake is half of a dry run, and importing TensorFlow and the like most of what a step
on a few hundred examples does; the tests start some two hundred of these. Everything after the
imports is as on the command line: a process with its own folder, arguments, environment, output and
exit code. The library is never imported ahead: each process takes that of its checkout.
"""

import atexit
import importlib
import json
import os
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from opened_files import RECORD, run_script

ADDRESS = "BASEWISE_TEST_PYTHON"
"""Variable with the address of the server that a process started as `Forks.python` asks."""


class Forks:
    """Processes forked from one server, which starts when it is first needed.

    The processes of a parallel test run share the server whose address `name` has in their
    environment.
    """

    def __init__(self, name: str, *modules: str) -> None:
        self.name = name
        self.modules = modules

    def share(self) -> None:
        """Start the server for all processes that this one starts."""
        os.environ[self.name] = self._address

    @property
    def python(self) -> str:
        """What stands for `python` in a shell whose environment is `environment`."""
        return shlex.join([sys.executable, "-SE", __file__])

    @property
    def environment(self) -> dict[str, str]:
        return {ADDRESS: self._address}

    def run(
        self,
        arguments: Sequence[str],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        executable: str = sys.executable,
    ) -> subprocess.CompletedProcess[str]:
        """What `python ARGUMENTS` prints, and its exit code.

        `executable` is what the process takes for its own Python.
        """
        asked = {
            "arguments": list(arguments),
            "folder": str(cwd or os.getcwd()),
            "environment": dict(os.environ if env is None else env),
            "executable": executable,
        }
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            answers = _ask(self._address, asked, [0, out.fileno(), err.fileno()])
            next(answers)
            code = int(next(answers, 1))
            printed = [file.seek(0) or file.read() for file in (out, err)]
        return subprocess.CompletedProcess(arguments, code, *printed)

    @cached_property
    def _address(self) -> str:
        if self.name in os.environ:
            return os.environ[self.name]
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder)
        address = os.path.join(folder, "python")
        command = [sys.executable, __file__, "--serve", address, *self.modules]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        server = subprocess.Popen(command, **pipes)
        assert server.stdout.readline() == b"ready\n"
        atexit.register(server.communicate)
        return address


SNAKEMAKE = Forks("BASEWISE_TEST_SNAKEMAKE", "snakemake.api", "snakemake.cli")
"""For Snakemake itself."""

STEPS = Forks(
    "BASEWISE_TEST_STEPS",
    "snakemake.script",
    "altair",
    "jinja2",
    "jsonschema",
    "numpy",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "scipy.special",
    "scipy.stats",
    "skops.io",
    "sklearn.isotonic",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.pipeline",
    "tensorflow",
    "threadpoolctl",
    "yaml",
)
"""For the steps of a workflow, and for programs with Keras, which computes with TensorFlow here."""


def _ask(address: str, asked: dict, descriptors: list[int]):
    """Number of the process that runs a program with these standard streams, then its exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        text = json.dumps(asked).encode()
        socket.send_fds(connection, [len(text).to_bytes(8)], descriptors)
        connection.sendall(text)
        yield from connection.makefile()


def _stand_in() -> int:
    """Have the server run this process's program; its exit code."""
    asked = {
        "arguments": sys.argv[1:],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "executable": sys.executable,
    }
    answers = _ask(os.environ[ADDRESS], asked, [0, 1, 2])
    child = int(next(answers))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: os.kill(child, got))
    return int(next(answers, 1))


def _serve(address: str, *modules: str) -> None:
    """Answer every request on a socket with a process of its own, until stdin ends."""
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as selector:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        for name in modules:
            importlib.import_module(name)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        selector.register(listening, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while all(key.fileobj is listening for key, _ in selector.select()):
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    size, descriptors, _, _ = socket.recv_fds(connection, 8, 3)
    asked = json.loads(connection.makefile("rb").read(int.from_bytes(size)))
    child = os.fork()
    if child == 0:
        connection.close()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        _run(**asked)
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run(arguments: list[str], folder: str, environment: dict[str, str], executable: str) -> None:
    """What `python ARGUMENTS` does, in this process, which ends with it."""
    import runpy
    import traceback

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.executable = executable
    kind, paths = arguments[0], environment.get("PYTHONPATH", "").split(os.pathsep)
    first = folder if kind in ("-c", "-m") else os.path.dirname(kind)
    sys.path[:1] = [first, *filter(None, paths)]
    code = 0
    try:
        if kind == "-c":
            sys.argv = ["-c", *arguments[2:]]
            exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
        elif kind == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            if RECORD in environment:
                run_script(kind, environment[RECORD])
            else:
                runpy.run_path(kind, run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        _serve(*sys.argv[2:])
    else:
        sys.exit(_stand_in())
