"""Proposals for reading: one section a company, in sentences, as Markdown."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.formats import day, money, percent, several
from screener.proposals.columns import UNMAPPED, VERDICTS, number
from screener.proposals.propose import Proposals
from screener.universes.items import ITEMS

UNIT_WORDS = {"usd": "", "btc": " BTC", "eth": " ETH", "shares": " shares", "pct": "%", "mw": " MW", "mw_gross": " MW",
              "mw_critical_it": " MW of critical IT", "eh_per_s": " EH/s", "j_per_th": " J/TH", "gpus": " GPUs",
              "usd_per_kwh": " USD per kWh"}  # fmt: skip
ABOUT = {name: item.about for items in ITEMS.values() for name, item in items.items()}


def markdown(found: Proposals) -> str:
    """The proposals of a day as a page of Markdown; the same proposals give the same text."""
    table = found.table
    lines = [f"# Proposals for {found.universe}, {day(found.as_of)}", ""]
    counts = table["verdict"].value_counts()
    if table.empty:
        lines += ["Filings give no figure that the universe does not have.", ""]
    else:
        lines += [f"Filings give {several(len(table), 'figure')} that the universe does not have. Nothing is used until a "
                  "person accepts it.", ""]  # fmt: skip
        lines += [f"- {name}: {counts[name]:,} ({about})" for name, about in VERDICTS.items() if name in counts]
        lines.append("")
    if len(found.confirmations):
        rows = several(len(found.confirmations), "row of the universe is", "rows of the universe are")
        lines += [f"{rows} confirmed by a filing within 0.1%. These need no decision.", ""]
    if found.effects.together:
        lines += ["## All together", "",
                  f"The {several(found.effects.count, 'proposal')} that need no person, accepted at once, have this effect "
                  f"on the screen of {day(found.as_of)}.", ""]  # fmt: skip
        lines += [f"- {ticker or 'All companies'}: {text}" for ticker, text in found.effects.together.items()]
        lines.append("")
    for ticker, rows in table.groupby("ticker", sort=True):
        lines += [f"## {ticker}", ""]
        for row in rows.to_dict("records"):
            lines += [f"- {_sentence(row)}"]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _sentence(row: dict[str, Any]) -> str:
    """One proposal: what the filing says, what the universe has, the checks and the effect."""
    name = f"{row['item']} ({ABOUT[row['item']]})" if row["item"] in ABOUT else str(row["item"])
    source = f"[{row['form'] or 'filing'} of {day(row['published_on'])}]({row['source_url']})"
    parts = [f"**{row['proposal_id']}, {row['verdict']}.** {name}: {_figure(row['value'], row['unit'])} at "
             f"{day(row['period_end'])}, by the {source}."]  # fmt: skip
    if row["derivation"]:
        parts.append(f"Derivation: {row['derivation']}.")
    if pd.isna(row["previous_value"]):
        parts.append("The universe has no figure to compare." if row["verdict"] != UNMAPPED else "")
    else:
        earlier = ", an earlier period" if row["previous_period"] < row["period_end"] else ""
        change = "" if pd.isna(row["change"]) else f" The change is {percent(row['change'], signed=True)}."
        previous = _figure(row["previous_value"], row["unit"])
        parts.append(f"The figure so far is {previous} at {day(row['previous_period'])}{earlier}.{change}")
    if row["checks"]:
        parts.append(f"Checks: {row['checks']}.")
    if row["effect"]:
        parts.append(f"Effect: {row['effect']}.")
    return " ".join(filter(None, parts))


def _figure(value: float, unit: str) -> str:
    if unit == "usd":
        return money(value)
    text = f"{value:,.0f}" if abs(value) >= 1_000 else number(round(value, 4))
    return text + UNIT_WORDS.get(unit, f" {unit}")
