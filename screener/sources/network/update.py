"""Weeks of the network that nobody told yet, asked for and kept in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta

import pandas as pd

from screener.sources.http import Got, Http
from screener.sources.network import weeks
from screener.sources.network.fetching import Weeks, fetch
from screener.sources.told import FAILED, NETWORK_COLUMNS, Keeper, Outcome
from valuation._words import count

# The sources count a day after its end; asking more often than once a day brings nothing new.
TIME_TO_LIVE = timedelta(hours=20)
# A question that failed is put again, but not at once: pressing prolongs a ban.
AGAIN_AFTER = timedelta(hours=1)
FURTHEST_BACK = pd.Timedelta(days=3 * 365)
AGENT = "miner-screener (keyless, once a day)"
PACE_SECONDS = 1.0


def update(
    ledger: Keeper,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    *,
    own: pd.DataFrame | None = None,
    connect: Callable[[str], Http] | None = None,
) -> dict[str, list[Outcome]]:
    """Ask for the weeks that neither the universe nor the ledger knows, and keep what is told.

    Parameters
    ----------
    ledger : Ledger
    now : datetime
        Aware.
    progress : callable, optional
        Called with a few words on each step.
    own : DataFrame, optional
        The universe's network file; without it the last year counts as wanted.
    connect : callable, optional
        `connect(source)` gives the connection to a source.

    Returns
    -------
    dict
        Source to how each of its questions ended; empty where no week is wanted or the last answers are fresh. A
        source that limits requests is told as failed without a request, and not noted again in the ledger.

    Raises
    ------
    StoreError
        The ledger cannot be written.
    """
    asked = Update(ledger, now, progress, own=own, connect=connect)
    asked.begin()
    return asked.keep()


class Update:
    """An update in two steps, so that the waits between its questions pass while other sources are asked.

    The parameters are those of `update`. The ledger is read and written by the caller's thread alone.
    """

    def __init__(
        self,
        ledger: Keeper,
        now: datetime,
        progress: Callable[[str], None] | None = None,
        *,
        own: pd.DataFrame | None = None,
        connect: Callable[[str], Http] | None = None,
    ) -> None:
        self.ledger, self.now, self.own = ledger, now, own
        self.progress, self.connect = progress or (lambda _: None), connect or _connect
        self.outcomes: dict[str, list[Outcome]] = {}
        self._found: Weeks | BaseException = Weeks((), {})
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Ask what is due, in a thread that does not keep a process from ending."""
        clock = pd.Timestamp(self.now).tz_convert("UTC")
        wanted = missing(self.ledger, clock.tz_localize(None), self.own)
        due = []
        for source in weeks.ORDER if wanted else ():
            pause = self.ledger.paused(source, self.now)
            if pause is not None:
                message = f"not asked before {pause[0]:%Y-%m-%d %H:%M} UTC: {pause[1]}"
                self.outcomes[source] = [Outcome("network", "", FAILED, "rate_limited", message, requests=0)]
            elif not fresh(self.ledger, source, self.now):
                due.append(source)
        if due:
            self.progress(f"Bitcoin network: {count(len(wanted), 'week')} of {' and '.join(due)}")
            self._thread = threading.Thread(target=self._ask, args=(wanted, clock, due), daemon=True, name="network")
            self._thread.start()

    def _ask(self, wanted: list[pd.Timestamp], clock: pd.Timestamp, due: list[str]) -> None:
        try:
            with ExitStack() as stack:
                connections = {source: stack.enter_context(self.connect(source)) for source in due}

                def ask(source: str, url: str, params: Mapping[str, str]) -> Got:
                    return connections[source].json(url, params)

                self._found = fetch(wanted[0], wanted[-1], clock, ask, due)
        except BaseException as error:  # raised where the answers are waited for
            self._found = error

    def keep(self) -> dict[str, list[Outcome]]:
        """Wait for the answers and keep them; what `update` returns and raises."""
        if self._thread is not None:
            self._thread.join()
        if isinstance(self._found, BaseException):
            raise self._found
        for told in self._found.told:
            self.ledger.add(told, self.now)
            self.outcomes[told.source] = list(told.outcomes)
        for source, (seconds, reason) in self._found.pauses.items():
            self.ledger.pause(source, self.now + timedelta(seconds=seconds), reason, self.now)
        return self.outcomes


def missing(ledger: Keeper, now: pd.Timestamp, own: pd.DataFrame | None) -> list[pd.Timestamp]:
    """The Fridays whose week is over and not known in full; `now` is UTC without a zone."""
    kept = ledger.network()
    if own is None:
        known, since = weeks.combined(kept), now - pd.Timedelta(days=364)
    else:
        known, since = weeks.merged(own, kept), max(own["date"].min(), now - FURTHEST_BACK)
    whole = known.dropna(subset=[name for name in NETWORK_COLUMNS if name != "difficulty"])
    return [friday for friday in weeks.over(since, now, now) if friday not in set(whole["date"])]


def fresh(ledger: Keeper, source: str, now: datetime) -> bool:
    """Whether a source was asked within the time-to-live and answered all; or was asked just now."""
    asked = ledger.asked(source)
    asked = asked[(asked["at"] > pd.Timestamp(now) - TIME_TO_LIVE) & asked["url"].ne("")]
    if asked.empty:
        return False
    return bool((asked["ended"] != FAILED).all() or asked["at"].max() > pd.Timestamp(now) - AGAIN_AFTER)


def _connect(source: str) -> Http:
    return Http(source, agent=AGENT, pace_seconds=PACE_SECONDS)
