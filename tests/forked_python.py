"""A Python for the steps of a workflow that has NumPy, pandas and the like imported already.

Importing them is most of what a step on a few hundred examples does. `Workflow.run` makes Snakemake
take this file for its Python. It asks a server, which forks for each step: the step has a process,
folder, environment, output and exit code of its own, imports the library and Keras itself, and sets
TensorFlow up.
"""

import json
import os
import signal
import socket
import sys

ADDRESS = "BASEWISE_TEST_STEPS"
"""Variable with the address of the server's socket."""

STARTED: list[str] = []
"""Address of the server of this process, once it has one."""

PRELOADED = [
    "snakemake.script",
    *("altair", "bioframe", "jinja2", "jsonschema", "numpy", "pandas", "pyarrow", "pyarrow.csv"),
    *("pyarrow.parquet", "scipy.special", "scipy.stats", "skops.io", "sklearn.linear_model"),
    *(
        "sklearn.isotonic",
        "sklearn.metrics",
        "sklearn.pipeline",
        "tensorflow",
        "threadpoolctl",
        "yaml",
    ),
]


def ask() -> int:
    """Have the server run this process's program; its exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[ADDRESS])
        asked = {"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}
        text = json.dumps(asked).encode()
        socket.send_fds(connection, [len(text).to_bytes(8)], [0, 1, 2])
        connection.sendall(text)
        answers = connection.makefile()
        child = int(answers.readline())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _: os.kill(child, got))
        return int(answers.readline() or 1)


def serve(address: str) -> None:
    """Answer every request on a socket with a process of its own, until stdin ends."""
    import importlib
    import selectors

    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as selector:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
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


def _run(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """What `python ARGUMENTS` does, in this process, which ends with it."""
    import runpy
    import traceback

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = arguments
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [os.path.dirname(arguments[0]), *filter(None, paths)]
    code = 0
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def address() -> str:
    """Address of a server, started when it is first asked for; it ends with this process."""
    import atexit
    import shutil
    import subprocess
    import tempfile

    if not STARTED:
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder)
        place = os.path.join(folder, "steps")
        command = [sys.executable, __file__, "--serve", place]
        outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        server = subprocess.Popen(command, **pipes, env=outside)
        assert server.stdout.readline() == b"ready\n"
        atexit.register(server.communicate)
        STARTED.append(place)
    return STARTED[0]


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--serve":
        serve(sys.argv[2])
    else:
        sys.exit(ask())
