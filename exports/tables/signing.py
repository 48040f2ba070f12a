"""The signing study as a page: first contracts, excess changes by window and week, and changes within companies."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.formats import day
from exports.tables.plots import signing
from exports.tables.spec import Block, Column, Page, TableSpec, findings, note
from valuation.signing import MEASURES, STUDIED, SigningStudy
from valuation.signing.result import RUN_UP

WINDOW_TITLES = {
    RUN_UP: "Run-up, week -13 to -1", "week": "Week of the contract (0)", "month": "To week 4", "quarter": "To week 13",
    "half-year": "To week 26",
}  # fmt: skip
WEEKS_SHOWN = (-13, -8, -4, -2, -1, 0, 1, 2, 4, 8, 13, 20, 26)
RATIO = "multiple_fine"


def signing_page(study: SigningStudy) -> Page:
    """Excess changes around first AI contracts with their tests, and what became of each company since a date."""
    blocks: list[Block] = [
        signing(study),
        _events(study),
        *_windows(study),
        _weeks(study),
        *_change(study),
        *findings(study.findings),
    ]
    content: dict[str, Any] = {
        "as_of": study.as_of, "since": study.since, "method": study.method, "level": study.level,
        "permutations": study.permutations, "seed": study.seed, "never_signed": list(study.never),
        "events": study.events, "windows": study.windows, "weeks": study.weeks, "change": study.change,
        "medians": study.medians,
        "findings": [{"text": one.text, "kind": one.kind, **one.figures} for one in study.findings],
    }  # fmt: skip
    files: dict[str, pd.DataFrame | TableSpec] = {
        "windows": study.windows.reset_index(), "weeks": study.weeks.reset_index(),
        "events": study.events.reset_index(), "change": study.change.reset_index(),
    }  # fmt: skip
    title = f"Does signing lift the value? First AI contracts up to {day(study.as_of)}"
    return Page(title, blocks, content, files)


def _events(study: SigningStudy) -> TableSpec:
    frame = study.events.assign(unsure=["day not exactly known" if one else "" for one in study.events["day_unsure"]])
    frame["remark"] = [
        "; ".join(part for part in (f"excluded: {why}" if why else "", unsure) if part)
        for why, unsure in zip(frame["reason"], frame["unsure"], strict=True)
    ]
    columns = (
        Column("ticker", ""), Column("announced_on", "Announced", "date"),
        Column("close_before", "Last close before", "date"),
        Column("first_close", "First close since", "date"), Column("remark", "Remark", unknown=""),
    )  # fmt: skip
    never = ", ".join(study.never) or "none"
    about = (
        "First contract that the universe lists, other than hosting; those of a consolidated subsidiary are its parent's. "
        f"Never signed: {never}."
    )
    return TableSpec("events", frame, columns, title="First AI contracts", notes=(about,))


def _windows(study: SigningStudy) -> list[Block]:
    columns = (
        Column("window", "Window"), Column("ratio", "Ratio", RATIO), Column("low", "Low", RATIO),
        Column("high", "High", RATIO), Column("p", "p", "p"), Column("events", "Events", "count"),
        Column("controls", "Controls", "number_fine"), Column("imputation", "Imputation", RATIO, "Imputed", unknown="-"),
        Column("lowest", "Lowest without one event", RATIO, "Lowest\nw/o one"),
        Column("highest", "Highest without one event", RATIO, "Highest\nw/o one"),
    )  # fmt: skip
    blocks: list[Block] = []
    for name, title in STUDIED.items():
        frame = study.windows.loc[name].rename(index=WINDOW_TITLES)
        blocks.append(
            TableSpec(f"windows_{name}", frame, columns, title=f"{title}, relative to companies not yet signed")
        )
    about = (
        "Ratio: change from the last close before the announcement (week -1) to the week, over the mean change of the "
        f"companies that had not signed by then, mean over events of the logs. {study.level:.0%} intervals and p: joint "
        f"permutation of the first-contract dates, companies that never signed included, B = {study.permutations:,}, seed "
        f"{study.seed}. Imputation (Borusyak, Jaravel & Spiess): against what company and week effects before signing "
        "imply, so it includes the run-up; no test of its own."
    )
    return [*blocks, note(about)]


def _weeks(study: SigningStudy) -> TableSpec:
    parts: dict[str, pd.Series] = {}
    columns = [Column("week", "Week", "count")]
    for name, title in MEASURES.items():
        rows = study.weeks.loc[name]
        parts |= {f"{name}_{what}": rows[what] for what in ("ratio", "low", "high")}
        short = {"price": "Price", "ev": "EV", "ev_per_mw": "EV/MW"}[name]
        columns += [
            Column(f"{name}_ratio", title, RATIO, short), Column(f"{name}_low", f"{title}, low", RATIO, "low"),
            Column(f"{name}_high", f"{title}, high", RATIO, "high"),
        ]  # fmt: skip
    frame = pd.DataFrame(parts).rename_axis("week")
    return TableSpec(
        "weeks", frame.loc[list(WEEKS_SHOWN)], columns, title="By week from the announcement (week -1 = 1)",
        notes=("Weeks -13 to 26 are in the files, with p, events, controls and the imputation estimate.",),
        data=frame.reset_index(),
    )  # fmt: skip


def _change(study: SigningStudy) -> list[Block]:
    spans = f"{day(study.since)} to {day(study.as_of)}"
    middle = (
        Column("move", "Group"), Column("companies", "Companies", "count"),
        *(part for name, title in MEASURES.items()
          for part in (Column(name, title, RATIO), Column(f"{name}_n", f"n, {title}", "count", "n"))),
    )  # fmt: skip
    each = (
        Column("ticker", ""), Column("move", "Group"), *(Column(name, title, RATIO) for name, title in MEASURES.items()),
    )  # fmt: skip
    return [
        TableSpec("medians", study.medians, middle, title=f"Change within companies, medians, {spans}"),
        TableSpec(
            "change",
            study.change,
            each,
            title="Change by company",
            notes=("Value at the end over value at the start.",),
        ),
    ]
