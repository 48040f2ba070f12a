"""The event studies in a terminal of 80 columns."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import number, p_number
from exports.terminal.layout import said, small, table, warn
from valuation.events import EventStudy
from valuation.findings import can_and_cannot

PERCENT = "{:+.1%}"
LONGEST_HEADLINE = 30


def print_contracts(console: Console, study: EventStudy, unsure: pd.DataFrame) -> None:
    """Announcements: each with its abnormal returns, then the tests of their mean."""
    console.print(f"\n[bold]{study.title}[/], {study.frequency}, n = {len(study.events)}")
    windows = list(dict.fromkeys(study.tests["window"]))
    shown = table("Date", "", "Announcement", *windows, f"t{windows[0]}", "", left=3)
    for row in study.events.to_dict("records"):
        shown.add_row(
            f"{row['date']:%Y-%m-%d}", row["ticker"], _short(row["headline"]),
            *(number(row[f"car{window}"], "{:+.0%}") for window in windows),
            number(row[f"t{windows[0]}"], "{:+.1f}"), _mark(row),
        )  # fmt: skip
    console.print(shown)
    small(console, "c: something else happened to the company; o: its windows overlap with another event of its own.")
    shown = table("Window", "Sample", "n", "Mean", "Median", "> 0", "BMP t", "p", "KP p", "Rank p", left=2)
    for row in study.tests.to_dict("records"):
        shown.add_row(
            row["window"], row["sample"], str(row["n"]), number(row["mean"], PERCENT), number(row["median"], PERCENT),
            number(row["positive"], "{:.0%}"), number(row["bmp"]), p_number(row["bmp_p"]), p_number(row["kp_p"]),
            p_number(row["rank_p"]),
        )  # fmt: skip
    console.print(shown)
    _method(console, study)
    if len(unsure):
        names = "; ".join(f"{row.ticker} {_short(row.headline)}" for row in unsure.itertuples(index=False))
        small(console, f"Day of the announcement not known, left out: {names}.")
    said(console, *can_and_cannot(study.findings))


def print_raises(console: Console, study: EventStudy) -> None:
    """Capital raises: mean excess return by instrument and window, with its test."""
    console.print(f"\n[bold]{study.title}[/], {study.frequency}, n = {len(study.events)}")
    windows = list(dict.fromkeys(study.tests["window"]))
    shown = table("Instrument", "Sample", "n", *windows, left=2)
    for (instrument, sample), rows in study.tests.groupby(["instrument", "sample"], sort=False):
        by_window = rows.set_index("window")
        cells = [_mean_and_p(by_window.loc[window]) for window in windows]
        shown.add_row(instrument, sample, str(int(by_window["n"].max())), *cells)
    console.print(shown)
    small(console, "Mean excess return, p under it. Clean: nothing else of the company in the way, no overlap.")
    _method(console, study)
    said(console, *can_and_cannot(study.findings))


def _mean_and_p(row: pd.Series) -> str:
    if row["n"] == 0:
        return "-"
    return f"{row['mean']:+.1%}\n{p_number(row['t_p'])}"


def _method(console: Console, study: EventStudy) -> None:
    small(console, study.method)
    for caveat in study.caveats:
        small(console, caveat)
    for reason, rows in study.left_out.groupby("reason", sort=False):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in rows.itertuples(index=False))
        small(console, f"Left out, {reason}: {names}.")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_HEADLINE else text[: LONGEST_HEADLINE - 1].rstrip(" ,;") + "…"


def _mark(row: dict[str, object]) -> Text:
    return Text(("c" if row["confounded"] else "") + ("o" if row["overlaps"] else ""), "yellow")


def notes(console: Console, texts: tuple[str, ...]) -> None:
    """What a source could not give."""
    for text in texts:
        warn(console, f"{text}.")
