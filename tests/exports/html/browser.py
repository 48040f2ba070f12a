"""A headless Chromium led by its DevTools protocol over a pipe: no port is opened."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

# Its pipes are on 3 and 4.
DESCRIPTORS = """
import os, sys
both = [os.dup(int(n)) for n in sys.argv[1:3]]
high = [os.dup2(n, 100 + k) for k, n in enumerate(both)]
for k, n in enumerate(high):
    os.dup2(n, 3 + k)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEYS = {"Tab": 9, "Enter": 13}
PATIENCE = 120.0  # seconds after which a browser that does not answer is given up


class Browser:
    """One page of one browser; closed with the block."""

    def __init__(self) -> None:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert program, "these tests need Chromium: apt-get install chromium (.ci/run does)"
        self._folder = tempfile.mkdtemp(prefix="browser")
        to_it, self._out = os.pipe()
        self._in, from_it = os.pipe()

        self._process = subprocess.Popen(
            [sys.executable, "-c", DESCRIPTORS, str(to_it), str(from_it),
             program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", f"--user-data-dir={self._folder}",
             "--remote-debugging-pipe", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(to_it, from_it), start_new_session=True,
        )  # fmt: skip
        os.close(to_it)
        os.close(from_it)
        self._read, self._count, self._session = b"", 0, ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._out, left) :]
        return self._until(lambda told: told.get("id") == self._count)

    def _until(self, wanted: Any) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while True:
            while b"\0" not in self._read:
                ready, _, _ = select.select([self._in], [], [], max(end - time.monotonic(), 0))
                assert ready, "the browser gave no answer"
                self._read += os.read(self._in, 1 << 20)
            one, _, self._read = self._read.partition(b"\0")
            told = json.loads(one)
            if wanted(told):
                assert "error" not in told, told
                return told.get("result", told)

    def show(self, path: Path, *, wide: int, dark: bool = False, script: bool = True, high: int = 900) -> None:
        """Open a file at a width, in a theme, with or without script."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=wide < 700
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[theme])
        self._call("Emulation.setScriptExecutionDisabled", value=not script)
        self._call("Page.navigate", url=path.resolve().as_uri())
        self._until(lambda told: told.get("method") == "Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page; promises are awaited."""
        told = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A screenshot."""
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def press(self, key: str) -> None:
        """A key down and up."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=KEYS[key], **text)

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._session = ""
            self._call("Browser.close")
        finally:
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            os.close(self._out)
            os.close(self._in)
            shutil.rmtree(self._folder, ignore_errors=True)
