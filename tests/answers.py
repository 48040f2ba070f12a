"""The five answers that a reader finds at the top of every output of a run, from the run's figures by plain loops."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl

LINE = "line"
USABLE = ("ok", "stale", "proxy")


def of_run(out: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """What must be told, by question, from the JSON files of a run and of the run that it is compared with.

    Parameters
    ----------
    before : dict, optional
        Without it nothing may be said to have changed.
    """
    return {
        "what is the gap, how sure": _gap(out),
        "what changed": ["No earlier run to compare with."] if before is None else _changed(out, before),
        "who is cheap": _cheap(out),
        "what cannot be said": ["does not show that"],
        "what is stale": _stale(out),
    }


def _gap(out: dict[str, Any]) -> list[str]:
    lead, head = out["lead"], out["gap"]["headline"]
    row = lead["line"] if lead["leads"] == LINE else head
    p = row["p"] if lead["leads"] == LINE else row["p_value"]
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return [f"{row['ratio']:.1f}x", f"{row['low']:.1f}x to {row['high']:.1f}x", told]


def _changed(out: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """The date of the earlier run, and the company of the statistics whose EV per MW moved most."""
    was = {row["ticker"]: row["ev_per_mw_secured"] for row in before["table"]}
    moves = {
        row["ticker"]: row["ev_per_mw_secured"] / was[row["ticker"]] - 1
        for row in out["table"]
        if row["ticker"] in inside(out) and row["ev_per_mw_secured"] and was.get(row["ticker"])
    }
    most = max(moves, key=lambda ticker: abs(moves[ticker]))
    return [f"Since {_day(before['as_of'])}", f"{most} {moves[most]:+.0%} (mainly "]


def _cheap(out: dict[str, Any]) -> list[str]:
    """The lowest against the line with its distance and the ends of its interval."""
    rows = {row["ticker"]: row for row in out["table"] if row["ticker"] in inside(out)}
    known = {t: row for t, row in rows.items() if state(out, "status", t)["premium_to_line"] in USABLE}
    low = min(known, key=lambda ticker: known[ticker]["premium_to_line"])
    high = max(known, key=lambda ticker: known[ticker]["premium_to_line"])
    away = {ticker: abs(known[ticker]["premium_to_line"]) for ticker in (low, high)}
    return [
        f"Against the line {low} is cheapest and {high} dearest",
        f"{away[low]:.0%} below the line of the other companies, the cheapest of {len(known)} (prediction interval ",
        f"{away[high]:.0%} above the line of the other companies, the dearest of {len(known)} (prediction interval ",
    ]


def _stale(out: dict[str, Any]) -> list[str]:
    """How many figures of the statistics rest on stale data, and each company by name."""
    stale = [t for t in inside(out) if "s" in state(out, "marks", t)["ev_per_mw_secured"]]
    assert stale, "a run with stale figures is wanted"
    since = {t: min(r["period_end"] for r in out["freshness"] if r["ticker"] == t and r["marks_ev"]) for t in stale}
    named = sorted(stale, key=lambda ticker: (since[ticker], ticker))[:6]
    rest = len(stale) - len(named)
    others = [f"and {rest} other{'s' if rest > 1 else ''}"] if rest else []
    closes = [row for row in out["freshness"] if row["item"] == "price_usd" and row["ticker"] in inside(out)]
    last = max(row["period_end"] for row in closes)
    source = f"{_day(last)} (source: {out['manifest']['price_source']}"
    return [
        source,
        f"{len(stale)} of {len(inside(out))} EV per secured MW rest",
        *(f"{ticker} (" for ticker in named),
        *others,
    ]


def _day(iso: str) -> str:
    """`2026-10-05` as `5 October 2026`."""
    return f"{int(iso[8:10])} {MONTHS[int(iso[5:7])]} {iso[:4]}"


def inside(out: dict[str, Any]) -> list[str]:
    """The companies of the statistics."""
    grouped = [row["ticker"] for row in out["table"] if row["group"] and not out["excluded"].get(row["ticker"])]
    return [ticker for ticker in grouped if state(out, "status", ticker)["ev_per_mw_secured"] in USABLE]


def state(out: dict[str, Any], kind: str, ticker: str) -> dict[str, str]:
    """Statuses or marks of a company by metric."""
    return next(row for row in out[kind] if row["ticker"] == ticker)


MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def missing(told: str, wanted: dict[str, list[str]]) -> list[tuple[str, str]]:
    """What is not told, with its question."""
    text = " ".join(told.split())
    return [(question, one) for question, every in wanted.items() for one in every if one not in text]


def on_first_sheet(path: Path) -> str:
    """The text in the first column of the first sheet."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return " ".join(str(row[0]) for row in sheet.iter_rows(max_col=1, values_only=True) if row[0] is not None)


def above_the_tables(html: str) -> str:
    """The text of a page before its first table."""
    return str(lxml.html.fromstring(html.partition("<table")[0]).text_content())


def above_the_companies(terminal: str) -> str:
    """What a terminal shows before the table of companies."""
    return re.split(r"\n\s+Group\s", terminal)[0]


def read(path: Path) -> dict[str, Any]:
    """A JSON file of a run."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found
