"""The site of a history: a static folder of pages and data, from what is stored and nothing else that changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from exports.html import site as pages
from exports.html.site import Week
from exports.tables.formats import day
from exports.tables.machine import csv_text, write_object, write_whole
from exports.tables.snapshot import snapshot_page
from screener.errors import ScreenerError
from screener.loading import load_inputs
from screener.renames import Renames, in_tickers_of, joined, later_symbols
from screener.run_config import RunConfig
from screener.sources.registry import BUNDLED, LEDGER
from screener.store import Run, Store
from screener.studies.indicators import indicators
from valuation.comparison.changes import Snapshot, compare
from valuation.indicators.result import Indicators

WEEK = re.compile(r"\d{4}-\d{2}-\d{2}")
LEVEL = 0.95


def build(
    store: Store, config: RunConfig, out: Path, progress: Callable[[str], None] | None = None
) -> tuple[Path, int]:
    """Write the site of a universe's history; the index and the number of weeks written.

    Pages of weeks that the history no longer holds stay where they are and are linked. The same history gives the same
    bytes.

    Raises
    ------
    NotKnown
        The history holds no run of the universe, or void ones alone.
    OSError
        The folder cannot be written.
    """
    progress = progress or (lambda _: None)
    name = config.universe.name
    runs = {run.as_of: run for run in store.runs(name)}  # of one date the last recorded
    if not runs:
        store.find("latest", name)  # raises: no run yet, or every one is void
    latest: dict[str, Week] = {}
    last: Week | None = None
    renames = Renames.of_universe(config.universe)
    for week in _weeks(store, list(runs.values()), renames):
        progress(f"week {week.name}")
        _write_week(week, out)
        latest |= dict.fromkeys(map(str, week.snapshot.table.index), week)
        last = week
    assert last is not None
    later = later_symbols({ticker: week.snapshot.as_of for ticker, week in latest.items()}, renames)
    _write_companies(store, name, latest, later, out, progress)
    found = _indicators(config, last.snapshot, progress)
    if found is not None:
        _write(out / "indicators.html", pages.indicators_document(found))
    _write(out / "glossary.html", pages.glossary_document())
    table = _runs(list(runs.values()))
    _write(out / "data" / "weeks.csv", csv_text(table))
    _write(out / pages.FEED, _feed(last.snapshot.title, name, list(runs.values())))
    named = sorted({path.stem for path in (out / "weeks").glob("*.html") if WEEK.fullmatch(path.stem)})
    history = table.set_index(pd.DatetimeIndex(table["as_of"]))[["ratio", "low", "high"]]
    level = float(last.snapshot.manifest["assumptions"].get("confidence_level", LEVEL))
    # Last: a reader who comes while the site is written finds what the index names.
    _write(out / "index.html", pages.index_page(last, history, named, level, indicators=found is not None))
    return out / "index.html", len(runs)


def _weeks(store: Store, runs: list[Run], named: Renames) -> Iterator[Week]:
    """Every week with the changes since the one before."""
    before: Snapshot | None = None
    for run in runs:
        snapshot = store.snapshot(run)
        changes = None if before is None else compare(in_tickers_of(before, snapshot, named), snapshot)
        yield Week(snapshot, store.line(run), changes, run.recorded_at)
        before = snapshot


def _write_week(week: Week, out: Path) -> None:
    _write(out / "weeks" / f"{week.name}.html", pages.week_page(week))
    data = out / "data" / "weeks"
    _write(data / f"{week.name}.csv", csv_text(snapshot_page(week.snapshot).files["companies"]))
    write_object(pages.week_content(week), data / f"{week.name}.json")


def _write_companies(
    store: Store,
    universe: str,
    latest: Mapping[str, Week],
    later: Mapping[str, str],
    out: Path,
    progress: Callable[[str], None],
) -> None:
    """A page and a CSV file of each company that any week holds; the page of a former symbol is its company's."""
    series = {metric: joined(store.series(metric, universe), later) for metric in pages.HISTORY}
    weeks = next(iter(series.values())).index
    for symbol in sorted(latest):
        ticker = later.get(symbol, symbol)
        week = latest[ticker]
        progress(f"company {ticker}")
        parts = {
            m: frame[ticker] if ticker in frame else pd.Series(float("nan"), frame.index) for m, frame in series.items()
        }
        history = pd.DataFrame(parts).reindex(weeks)
        _write(out / pages.company_file(symbol), pages.company_page(week, ticker, history))
        if symbol != ticker:
            continue
        shown = history.rename_axis("as_of").reset_index().assign(as_of=lambda f: f["as_of"].dt.strftime("%Y-%m-%d"))
        _write(out / "data" / "companies" / f"{pages.file_name(ticker)}.csv", csv_text(shown))


def _indicators(config: RunConfig, last: Snapshot, progress: Callable[[str], None]) -> Indicators | None:
    """The indicators up to the latest week, from data at hand: no source is asked. None where they cannot be computed."""
    progress("indicators")
    source = BUNDLED if last.manifest["price_source"] == BUNDLED else LEDGER
    try:
        return indicators(config, load_inputs(config.universe, last.as_of, source), last.as_of)
    except ScreenerError:
        return None


def _runs(runs: list[Run]) -> pd.DataFrame:
    """A row a week: the headline as stored."""
    return pd.DataFrame(
        [
            {
                "as_of": f"{run.as_of:%Y-%m-%d}", "run_id": run.run_id, "ratio": run.gap_ratio, "low": run.gap_low,
                "high": run.gap_high, "n_ai": run.n_pivot, "n_mining": run.n_bitcoin, "premium": run.premium,
                "price_source": run.price_source, "price_date": run.price_date, "fell_back": run.fell_back,
            }
            for run in runs
        ]
    ).astype(dict.fromkeys(["ratio", "low", "high", "premium"], float))  # fmt: skip


def _feed(title: str, universe: str, runs: list[Run]) -> str:
    entries = [
        {
            "name": f"{run.as_of:%Y-%m-%d}", "run_id": run.run_id, "updated": run.recorded_at,
            "title": f"{run.title}, {day(pd.Timestamp(run.as_of))}",
            "summary": pages.summary(run.gap_ratio, run.gap_low, run.gap_high, f"n = {run.n_pivot} + {run.n_bitcoin}"),
        }
        for run in reversed(runs)
    ]  # fmt: skip
    return pages.feed(title, universe, entries)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())
