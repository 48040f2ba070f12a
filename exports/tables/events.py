"""The event studies as a page: each announcement, mean abnormal returns, and findings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.formats import day, p_number
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings, note, warning
from valuation.events import EventStudies, EventStudy

HEADLINE = 40


def events_page(studies: EventStudies, as_of: pd.Timestamp) -> Page:
    """Announcements with their abnormal returns, and capital raises with their mean excess returns."""
    blocks: list[Block] = [
        note(f"{studies.source.capitalize()} closes, {studies.frequency}; the last is of {day(studies.last_close)}."),
        *(warning(f"{text}.") for text in studies.notes),
    ]
    content: dict[str, Any] = {"as_of": as_of}
    files: dict[str, pd.DataFrame] = {}
    for name, study in (("contracts", studies.contracts), ("raises", studies.raises)):
        if study is None:
            content[name] = None
            continue
        content[name] = {
            "title": study.title, "frequency": study.frequency, "method": study.method, "caveats": study.caveats,
            "tests": study.tests, "events": study.events, "left_out": study.left_out,
        }  # fmt: skip
        files |= {name: study.events, f"{name}_tests": study.tests}
        blocks.append(Text(f"{study.frequency}, n = {len(study.events)}", "heading", lead=f"{study.title},"))
        blocks += _contracts(study, studies.unsure) if name == "contracts" else _raises(study)
    return Page(f"Events up to {day(as_of)}", blocks, content, files)


def _contracts(study: EventStudy, unsure: pd.DataFrame) -> list[Block]:
    windows = list(dict.fromkeys(study.tests["window"]))
    marks = [
        ("c" if row.confounded else "") + ("o" if row.overlaps else "") for row in study.events.itertuples(index=False)
    ]
    events = study.events.assign(announcement=study.events["headline"].map(_short), mark=marks)
    columns = (
        Column("date", "Date", "date"), Column("ticker", ""), Column("announcement", "Announcement"),
        *(Column(f"car{window}", f"CAR {window}", "change", window) for window in windows),
        Column(f"t{windows[0]}", f"t {windows[0]}", "number_fine"), Column("mark", ""),
    )  # fmt: skip
    tests = (
        Column("window", "Window"), Column("sample", "Sample"), Column("n", "n", "count"),
        Column("mean", "Mean", "change_fine"), Column("median", "Median", "change_fine"),
        Column("positive", "> 0", "fraction"), Column("bmp", "BMP t", "number"), Column("bmp_p", "p", "p"),
        Column("kp_p", "KP p", "p"), Column("rank_p", "Rank p", "p"),
    )  # fmt: skip
    about = (
        "Cumulative abnormal return by window. c: other news of the company; o: windows overlap with its next event."
    )
    blocks: list[Block] = [
        TableSpec("contracts", events, columns, notes=(about,)),
        TableSpec("contracts_tests", study.tests, tests),
        *_method(study),
    ]
    if len(unsure):
        names = "; ".join(f"{row.ticker} {_short(row.headline)}" for row in unsure.itertuples(index=False))
        blocks.append(note(f"Excluded, day of the announcement unknown: {names}."))
    return blocks + findings(study.findings)


def _raises(study: EventStudy) -> list[Block]:
    windows = list(dict.fromkeys(study.tests["window"]))
    rows = []
    for (instrument, sample), part in study.tests.groupby(["instrument", "sample"], sort=False):
        by_window = part.set_index("window")
        means = {window: _mean_and_p(by_window.loc[window]) for window in windows}
        rows.append({"instrument": instrument, "sample": sample, "n": int(by_window["n"].max()), **means})
    columns = (
        Column("instrument", "Instrument"), Column("sample", "Sample"), Column("n", "n", "count"),
        *(Column(window, window) for window in windows),
    )  # fmt: skip
    about = "Mean excess return (p). Clean: no other news of the company and no overlap of windows."
    table = TableSpec("raises_tests", pd.DataFrame(rows), columns, notes=(about,))
    return [table, *_method(study), *findings(study.findings)]


def _mean_and_p(row: pd.Series) -> str:
    return "-" if row["n"] == 0 else f"{row['mean']:+.1%} ({p_number(row['t_p'])})"


def _method(study: EventStudy) -> list[Block]:
    blocks: list[Block] = [note(study.method), *(note(caveat) for caveat in study.caveats)]
    for reason, rows in study.left_out.groupby("reason", sort=False):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in rows.itertuples(index=False))
        blocks.append(note(f"Excluded, {reason}: {names}."))
    return blocks


def _short(text: str) -> str:
    return text if len(text) <= HEADLINE else text[: HEADLINE - 1].rstrip(" ,;") + "…"
