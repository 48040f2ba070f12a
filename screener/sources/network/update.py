"""Weeks of the network that nobody told yet, asked for and kept in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta

import pandas as pd

from screener.sources.http import Got, Http
from screener.sources.network import weeks
from screener.sources.network.fetching import fetch
from screener.sources.told import FAILED, NETWORK_COLUMNS, Keeper, Outcome

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
    progress = progress or (lambda _: None)
    clock = pd.Timestamp(now).tz_convert("UTC")
    wanted = missing(ledger, clock.tz_localize(None), own)
    outcomes: dict[str, list[Outcome]] = {}
    due = []
    for source in weeks.ORDER if wanted else ():
        pause = ledger.paused(source, now)
        if pause is not None:
            message = f"not asked before {pause[0]:%Y-%m-%d %H:%M} UTC: {pause[1]}"
            outcomes[source] = [Outcome("network", "", FAILED, "rate_limited", message, requests=0)]
        elif not fresh(ledger, source, now):
            due.append(source)
    if not due:
        return outcomes
    progress(f"Bitcoin network: {len(wanted)} week{'s' if len(wanted) > 1 else ''} of {' and '.join(due)}")
    with ExitStack() as stack:
        connections = {source: stack.enter_context((connect or _connect)(source)) for source in due}

        def ask(source: str, url: str, params: Mapping[str, str]) -> Got:
            return connections[source].json(url, params)

        found = fetch(wanted[0], wanted[-1], clock, ask, due)
    for told in found.told:
        ledger.add(told, now)
        outcomes[told.source] = list(told.outcomes)
    for source, (seconds, reason) in found.pauses.items():
        ledger.pause(source, now + timedelta(seconds=seconds), reason, now)
    return outcomes


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
    asked = ledger.asked(source, by=now)
    asked = asked[(asked["at"] > pd.Timestamp(now) - TIME_TO_LIVE) & asked["url"].ne("")]
    if asked.empty:
        return False
    return bool((asked["ended"] != FAILED).all() or asked["at"].max() > pd.Timestamp(now) - AGAIN_AFTER)


def _connect(source: str) -> Http:
    return Http(source, agent=AGENT, pace_seconds=PACE_SECONDS)
