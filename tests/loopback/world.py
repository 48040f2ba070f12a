"""Every source on one proxy, and `screener` led to it: Yahoo, the SEC and the Bitcoin network of a universe."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from screener.universes import Universe
from tests import commands
from tests.loopback.network import Network
from tests.loopback.proxy import Proxy
from tests.loopback.sec import Sec
from tests.loopback.yahoo import Yahoo

CONTACT = "Ann Example ann@example.com"
# Between requests the SEC and the network want a pause; the servers here do not.
NO_PACE = {
    "screener.sources.edgar.client:PACE_SECONDS": 0.0,
    "screener.sources.network.update:PACE_SECONDS": 0.0,
}


class World:
    """The sources as a universe knows them; a context manager while they answer.

    Parameters
    ----------
    universe : Universe
        Whose closes, sheets and companies the sources have.
    home : Path
        Folder of the commands: ledger, overlay, settings, caches and outputs stand in it.
    now : datetime, optional
        Aware: the time that commands read; the clock by default.
    bundled : Path, optional
        Folder of the universes that the commands find by name; the package's own by default.
    invented : bool
        Whether the SEC has the invented filings of `Sec`.
    paced : bool
        Whether commands wait between requests as they do with the real sources.
    """

    def __init__(
        self,
        universe: Universe,
        home: Path,
        *,
        now: datetime | None = None,
        bundled: Path | None = None,
        invented: bool = True,
        paced: bool = True,
    ) -> None:
        self.yahoo, self.sec = Yahoo(universe), Sec(universe, invented=invented)
        self.network = Network(now or datetime.now(UTC))
        self.proxy = Proxy({**self.yahoo.hosts, **self.sec.hosts, **self.network.hosts}, home)
        self.home, self.ledger, self.overlays = home, home / "ledger.sqlite", home / "overlays"
        self.paced, self.settings = paced, {} if paced else dict(NO_PACE)
        if now is not None:
            self.settings["now"] = now.isoformat()
        if bundled is not None:
            self.settings["screener.universes:HOME"] = bundled

    def __enter__(self) -> World:
        self.proxy.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.proxy.__exit__(*error)
        assert self.proxy.strangers == []

    def environment(self, contact: str = CONTACT) -> dict[str, str]:
        """Of a process that is led here and has nothing else of ours."""
        return {
            **self.proxy.environment, "XDG_CACHE_HOME": str(self.home / "cache"), "SCREENER_LEDGER": str(self.ledger),
            "SCREENER_OVERLAYS": str(self.overlays), "SCREENER_SEC_CONTACT": contact,
            "SCREENER_YAHOO_PACE": "" if self.paced else "0", "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
        }  # fmt: skip

    def screener(
        self, *arguments: str, contact: str = CONTACT, kill_after: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`screener` as a user types it, in a process of its own; see `tests.commands.screener`."""
        if "now" in self.settings:  # the sources have the same time
            self.proxy.now = datetime.fromisoformat(str(self.settings["now"]))
        return commands.screener(
            *arguments, cwd=self.home, environment=self.environment(contact), settings=self.settings,
            kill_after=kill_after,
        )  # fmt: skip

    def asked(self) -> dict[str, int]:
        """Requests so far, by the last two parts of the host's name."""
        return dict(Counter(".".join(request.host.split(".")[-2:]) for request in self.proxy.requests))
