"""Writing history after the event: every week as it could have been screened then, in parallel, resumable."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pandas as pd

from screener import screen
from screener.days import today
from screener.errors import StoreError, Unreachable
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.run_config import RunConfig
from screener.schedule import sessions
from screener.sources.registry import BUNDLED
from screener.store import Record, Store, record, seen

DATES_AT_ONCE = 8  # valued together; small enough that a killed backfill loses seconds
CONNECT_SECONDS = 10
WATCH_SECONDS = 0.5


@dataclass(frozen=True)
class Done:
    """What a backfill did: runs added, and runs that stood there before."""

    added: int
    present: int


def parts(
    config: RunConfig, source: str, since: pd.Timestamp, until: pd.Timestamp | None, every: str
) -> list[tuple[InputData, pd.DatetimeIndex]]:
    """The dates of a history with the data to screen them on: the bundled ones up to the universe's last reviewed
    close, so that a date written once is the same run for ever; a live source's, where one is asked for, after it.

    Raises
    ------
    SourceError
        The live source was named and gave nothing.
    """
    own = InputData.of(config.universe)
    last, first = own.last_reviewed_close, own.closes["date"].min()
    end = today() if until is None else until
    live = own
    if source != BUNDLED and not end <= last:
        live = load_inputs(config.universe, end, source)
    end = min(end, live.closes["date"].max())
    dates = sessions.last_of_each(every, since, end) if since <= end else pd.DatetimeIndex([])
    dates = dates[dates >= first]
    if live.source == BUNDLED:
        return [(own, dates)]
    found = [(own, dates[dates <= last]), (live, dates[dates > last])]
    return [part for part in found if len(part[1])] or found[:1]


def fill(
    store: Store,
    config: RunConfig,
    data: InputData,
    dates: Sequence[pd.Timestamp] | pd.DatetimeIndex,
    now: datetime,
    *,
    workers: int = 1,
    scheduler: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Done:
    """Store the screen of every date that is not stored yet; each run is the one that `screener run` would store.

    Parameters
    ----------
    dates : ascending
    workers : int
        Processes of this machine (joblib); 1 works in this one.
    scheduler : str
        Address of a Dask scheduler, e.g. tcp://host:8786; its workers need this toolkit in the same versions.
    progress : callable, optional
        Called with how many dates of how many are stored.

    Raises
    ------
    Busy
        Another run is at work on the store.
    Unreachable
        No Dask scheduler there.
    StoreError
        The store cannot be written, or a worker computes with other versions.

    Notes
    -----
    What is stored is found by run id, of what goes in: a killed backfill goes on where it was, and one after new
    facts came in writes the dates that they change.
    """
    progress = progress or (lambda _done, _total: None)
    with store.exclusive() as writer:
        writer.remember(seen(config.universe, data), now)
        wanted = {manifest["as_of"]: manifest["run_id"] for manifest in screen.manifests(config, data, dates)}
        stored = store.run_ids()
        missing = [date for date in dates if wanted[f"{date:%Y-%m-%d}"] not in stored]
        progress(len(dates) - len(missing), len(dates))
        chunks = [missing[start : start + DATES_AT_ONCE] for start in range(0, len(missing), DATES_AT_ONCE)]
        done = len(dates) - len(missing)
        for records in _compute(config, data, chunks, workers, scheduler):
            for one in records:
                expected = wanted[one.run["as_of"].isoformat()]
                if one.run["run_id"] != expected:
                    raise StoreError(
                        f"a worker made run {one.run['run_id']} of {one.run['as_of']} where {expected} was expected: "
                        "give it the same versions of this toolkit and its packages"
                    )
                writer.save(one, "backfill", now)
                done += 1
                progress(done, len(dates))
    return Done(len(missing), len(dates) - len(missing))


def work(config: RunConfig, data: InputData, dates: list[pd.Timestamp]) -> list[Record]:
    """The records of some dates: what a worker does, here or elsewhere."""
    return [record(screen) for screen in screen.screens(config, data, dates)]


def _compute(
    config: RunConfig, data: InputData, chunks: list[list[pd.Timestamp]], workers: int, scheduler: str
) -> Iterator[list[Record]]:
    """The records of each chunk, in order, as they get ready."""
    if scheduler:
        yield from _on_dask(config, data, chunks, scheduler)
    elif workers == 1 or len(chunks) < 2:
        yield from (work(config, data, chunk) for chunk in chunks)
    else:
        from joblib import Parallel, delayed

        pool = Parallel(n_jobs=min(workers, len(chunks)), return_as="generator")
        yield from pool(delayed(_in_a_process)(os.getpid(), config, data, chunk) for chunk in chunks)


def _in_a_process(parent: int, config: RunConfig, data: InputData, dates: list[pd.Timestamp]) -> list[Record]:
    """`work` in a process that joblib started, which ends when the one that wanted it is killed."""
    _watch(parent)
    return work(config, data, dates)


@cache
def _watch(parent: int) -> None:
    """Once a process."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # joblib's processes wait for work on a pipe whose other end they hold themselves: they would wait for ever.
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def _on_dask(
    config: RunConfig, data: InputData, chunks: list[list[pd.Timestamp]], scheduler: str
) -> Iterator[list[Record]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise StoreError('--backend dask needs distributed: python -m pip install "miner-screener[dask]"') from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unreachable(f"no Dask scheduler answers at {scheduler}: {error}", source="dask") from error
    with client:
        # Sent once and shared; every chunk is asked for anew, since an equal question may have other versions.
        shared = client.scatter([(config, data)], broadcast=True, hash=False)[0]
        futures = [client.submit(_work_on, shared, chunk, pure=False) for chunk in chunks]
        for future in futures:
            yield future.result()


def _work_on(shared: tuple[RunConfig, InputData], dates: list[pd.Timestamp]) -> list[Record]:
    return work(*shared, dates)
