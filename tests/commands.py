"""`screener` as a user types it, in a process of its own: forked from one that has the libraries loaded already.

A process of its own has its own environment, folder, output, exit code and locks, and can be killed. Loading pandas and
statsmodels for each of a hundred commands was a quarter of the suite's time, and showed the same thing each time; a
start from nothing is tried where that is the question: the help and the plain run (test_house.py), the README, the
examples, the entries of cron and systemd, and `test_run.py`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Seconds until what does not end is given up. No test is one of speed: a machine may be busy with much else.
PATIENCE = 600
# What the commands load when they run, beside our own modules.
LIBRARIES = (
    "numpy", "pandas", "scipy.linalg", "scipy.optimize", "scipy.special", "statsmodels.regression.linear_model",
    "statsmodels.robust.robust_linear_model", "sklearn.linear_model", "sklearn.model_selection", "xlsxwriter", "openpyxl",
    "rich.console", "rich.table", "rich.progress", "sqlalchemy", "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg", "exchange_calendars", "joblib", "stamina", "platformdirs", "yfinance",
    "curl_cffi.requests",
)  # fmt: skip


def screener(
    *arguments: str,
    cwd: Path,
    environment: dict[str, str] | None = None,
    timeout: float = PATIENCE,
    largest_file: int | None = None,
    settings: Mapping[str, object] | None = None,
    kill_after: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """`screener` with these arguments, warnings being errors; `environment` beside this process's own.

    Parameters
    ----------
    largest_file : int, optional
        The size in bytes at which a file of the command can grow no more.
    settings : mapping, optional
        Module attributes that are other ones in the command's process, as `screener.universes:HOME`; a path is given as
        a Path. `now` (aware, in ISO 8601) is the time that the command reads.
    kill_after : float, optional
        Seconds after which the command is killed with SIGKILL; it then ends with -9, unless it had ended before.
    """
    whole = os.environ | (environment or {})
    whole.pop("PYTEST_CURRENT_TEST", None)
    order = {"arguments": arguments, "cwd": str(cwd), "environment": whole, "largest_file": largest_file,
             "settings": {name: _cell(value) for name, value in (settings or {}).items()}}  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors, socket.socket(socket.AF_UNIX) as line:
        line.connect(_starter())
        line.settimeout(timeout)
        socket.send_fds(line, [json.dumps(order).encode() + b"\n"], [out.fileno(), errors.fileno()])
        answers = line.makefile("r")
        started = json.loads(answers.readline())
        if kill_after is not None and not select.select([line], [], [], kill_after)[0]:
            os.kill(started, signal.SIGKILL)
        try:
            code = json.loads(answers.readline())
        except TimeoutError:
            os.kill(started, signal.SIGKILL)
            raise
        texts = [(file.seek(0), file.read().decode())[1] for file in (out, errors)]
    return subprocess.CompletedProcess(["screener", *arguments], code, *texts)


def _cell(value: object) -> object:
    """A setting as JSON holds it."""
    return {"path": str(value)} if isinstance(value, Path) else value


def started_anew(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in a new Python, which loads everything itself."""
    command = [sys.executable, "-W", "error", "-m", "screener", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=PATIENCE, check=False)


@cache
def _starter() -> str:
    """Address of the process that starts commands, itself started when the first is asked for."""
    folder = tempfile.TemporaryDirectory(prefix="screener-")
    address = str(Path(folder.name) / "line")
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.commands", address], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def stop() -> None:
        process.kill()
        process.wait()
        folder.cleanup()

    atexit.register(stop)
    return address


def serve(address: str) -> dict[str, object]:
    """Listen for orders for ever; returns the order in a process made for it."""
    parent = os.getppid()
    for name in ("screener", "valuation", "exports"):
        for module in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # or every command, as it ends, walks through all that was loaded
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    listening.settimeout(5)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        try:
            line, _ = listening.accept()
        except TimeoutError:
            if os.getppid() != parent:
                sys.exit()
            continue
        if os.fork():
            line.close()
            continue
        listening.close()
        order = _take(line)
        if order is not None:
            return order
        os._exit(0)


def _take(line: socket.socket) -> dict[str, object] | None:
    """Take one order and make a process for it, in which it is returned; here its exit code is answered."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, files, *_ = socket.recv_fds(line, 1 << 16, 2)
    while not text.endswith(b"\n"):
        text += line.recv(1 << 16)
    command = os.fork()
    if command:
        line.sendall(f"{command}\n".encode())
        _, status = os.waitpid(command, 0)
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        return None
    line.close()
    for file, standard in zip(files, (1, 2), strict=True):
        os.dup2(file, standard)
        os.close(file)
    return json.loads(text)


def _set(name: str, value: object) -> None:
    """Change a module's attribute; for `now` the clock of the commands, wherever they imported it."""
    if name != "now":
        module, _, attribute = name.partition(":")
        assert hasattr(sys.modules[module], attribute)
        setattr(sys.modules[module], attribute, value)
        return
    from screener.cli import options

    clock, moment = options.now, datetime.fromisoformat(str(value))
    for module in [one for one in sys.modules.values() if getattr(one, "now", None) is clock]:
        module.now = lambda: moment


def become(order: dict) -> None:
    """What `python -m screener` does in that folder and environment."""
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["cwd"])
    sys.path[0] = order["cwd"]
    for name, value in order["settings"].items():
        _set(name, Path(value["path"]) if isinstance(value, dict) else value)
    if order["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    sys.argv[1:] = order["arguments"]
    runpy.run_module("screener", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    become(serve(sys.argv[1]))
