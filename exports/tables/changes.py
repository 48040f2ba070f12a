"""What changed between two runs, as a page and in a few lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from exports.commentary.wording import in_force
from exports.tables.formats import day, figure, money, multiple, per_mw, per_mw_change, percent, several
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, bad, note
from valuation.comparison.attribution import FACTORS, IN_WORDS, TITLES
from valuation.comparison.changes import Changes
from valuation.gap.estimate import STATISTICS

MOVERS_SHOWN, LEAST_MOVE = 5, 0.005
SHORT = {**TITLES, "shares": "Shares", "conversion": "Notes", "bitcoin": "BTC", "other_claims": "Other"}
FACTS_SHOWN = 20
FACT_KINDS = ("restated", "newer period", "new", "no longer used")


def in_words(changes: Changes) -> list[str]:
    """The week in a few lines: the gap, the largest moves and their main factor, contracts, groups, facts."""
    new = changes.after
    lines = [*_settings(changes), f"{'; '.join(headline_lines(changes))}."]
    lines += [
        f"{row.Index}: EV per secured MW {per_mw(row.before)} to {per_mw(row.after)} ({row.relative:+.0%}), "
        f"mainly {IN_WORDS[row.main]} ({per_mw_change(getattr(row, row.main))})."
        for row in changes.movers.head(MOVERS_SHOWN).itertuples()
        if abs(row.relative) >= LEAST_MOVE
    ]
    lines += _conversions(changes)
    lines += [f"Contract {contract_words(row)}." for row in changes.contracts.itertuples()]
    lines += [
        f"{r.Index}: group changed from {r.group_before} to {r.group_after}." for r in changes.group_moves.itertuples()
    ]
    lines += [f"{row.ticker}: {row.change} ({row.detail})." for row in changes.names.itertuples()]
    count = changes.facts["change"].value_counts()
    facts = [f"{count[kind]} {kind}" for kind in FACT_KINDS if kind in count]
    lines.append(f"Facts: {', '.join(facts) or 'no change'}.")
    appeared, gone = ((changes.issues["change"] == change).sum() for change in ("appeared", "gone"))
    lines.append(f"Data checks: {appeared} new, {gone} resolved.")
    if new.manifest["fell_back"]:
        lines.append(f"Live prices failed ({new.manifest['fell_back']}): stored prices are used.")
    held = [f"{one['ticker']} {one['title']}".strip() for one in new.manifest.get("held_back", [])]
    if held:
        lines.append(f"Held back as out of proportion: {', '.join(held)}.")
    return lines


def _settings(changes: Changes) -> list[str]:
    return [f"Not a market move: {text}." for text in changes.settings]


def _conversions(changes: Changes) -> list[str]:
    """Convertibles whose share price crossed the conversion price, with the effect of both sides together."""
    name, parts = "debt_converted_usd", changes.attribution.frame
    before = changes.before.bridge[name].reindex(changes.after.bridge.index).fillna(0.0)
    moved = changes.after.bridge[name].fillna(0.0) - before
    return [
        f"{ticker}: {money(abs(usd))} of convertibles now count as {'shares, not debt' if usd > 0 else 'debt again'}"
        + (
            f" (effect on EV per MW {per_mw_change(parts.at[ticker, 'conversion'])})."
            if ticker in parts.index and not parts.at[ticker, "cause"]
            else "."
        )
        for ticker, usd in moved[moved != 0].items()
    ]


def changes_page(changes: Changes) -> Page:
    """Headline, companies with the attribution of each change in EV per MW, contracts, facts, names, data checks."""
    old, new = changes.before, changes.after
    blocks: list[Block] = [
        note(f"{day(old.as_of)} (run {old.run_id}) to {day(new.as_of)} (run {new.run_id})."),
        *(bad(line) for line in _settings(changes)),
        *(Text(f"{line}.") for line in headline_lines(changes)),
        companies_table(changes),
    ]
    blocks += [note(line) for line in no_attribution(changes)]
    for title, frame, words in (
        ("Contracts", changes.contracts, contract_words),
        ("Companies", changes.names, lambda r: f"{r.ticker}: {r.change} ({r.detail})"),
        ("Data checks", changes.issues, lambda r: f"{r.change}: {r.ticker} {r.what} ({r.severity})"),
        ("Facts", changes.facts, fact_words),
    ):
        blocks += listed(title, frame, words)
    frame = companies_frame(changes).rename_axis("ticker").reset_index()
    return Page(f"{new.title}: what changed", blocks, changes_content(changes), {"companies": frame})


def headline_lines(changes: Changes) -> list[str]:
    """Gap, group medians, premium and bitcoin of both runs, without full stops."""
    old, new = changes.before.headline, changes.after.headline
    lines = [
        f"{title}: {words(old[name])} to {words(new[name])}"
        for name, title, words in (
            ("pivot_value", "AI group median per MW", per_mw),
            ("bitcoin_value", "Mining group median per MW", per_mw),
            ("premium", "Premium, contracted share 0% to 100%", _premium),
        )
    ]
    if old["statistic"] == new["statistic"]:
        neither = old["ratio"] is None and new["ratio"] is None
        told = "estimate not available in either run" if neither else f"{_multiple(old)} to {_multiple(new)}"
        lines.insert(0, f"Gap per secured MW: {told}{_closes(changes)}")
    else:
        # Two statistics are no change of one: each stands under its name.
        before, now = (f"{_multiple(head)}, {_statistic(head)}" for head in (old, new))
        lines.insert(0, f"Gap per secured MW: {before}, before; {now}, now: not comparable{_closes(changes)}")
    return in_force().texts([*lines, f"Bitcoin: ${changes.before.btc_usd:,.0f} to ${changes.after.btc_usd:,.0f}"])


def _closes(changes: Changes) -> str:
    """Of which day the closes are, for a run whose closes were too old on its date; empty where neither run's were."""
    old, new = changes.before.basis, changes.after.basis
    told = [f"{name} on the closes of {one.closes}" for name, one in (("before", old), ("now", new)) if one.closes_old]
    return f" ({', '.join(told)})" if told else ""


def _multiple(head: dict[str, Any]) -> str:
    return "n/a" if head["ratio"] is None else multiple(head["ratio"])


def _statistic(head: dict[str, Any]) -> str:
    return STATISTICS.get(head["statistic"], head["statistic"])


def _premium(value: float | None) -> str:
    return "n/a" if value is None else percent(value, signed=True)


def companies_table(changes: Changes) -> TableSpec:
    """Companies with the attribution of each change in EV per secured MW, the largest change first."""
    parts = changes.attribution.frame
    rows = changes.companies
    rows = rows[[ticker in parts.index and not parts.at[ticker, "cause"] for ticker in rows.index]]
    frame = rows.join(parts[["change", *FACTORS]].round(4)).rename_axis("ticker")
    frame = frame.loc[frame["change"].abs().sort_values(ascending=False, kind="stable").index]
    frame["place"] = [_place(row) for row in frame.itertuples()]
    shown = [name for name in FACTORS if name != "conversion" or (frame[name] != 0).any()]
    columns = (
        Column("ticker", ""), Column("price_change", "Price", "change"),
        Column("per_mw_after", "EV/MW now", "m_usd_per_mw_fine", "EV/MW\nnow"),
        *(Column(name, SHORT.get(name, "Change"), "signed", zero="-") for name in ("change", *shown)),
        Column("place", "Rank", "figures"),
    )  # fmt: skip
    about = (
        "EV per secured MW in $m; the factors after the change add up to it. Rank: by EV per MW. Shapley value over "
        "all orders of change. "
    )
    if "conversion" in shown:
        about += "Notes: convertibles that came to count as shares or as debt again, both sides together."
    return TableSpec("companies", frame, columns, notes=(about.strip(),))


def no_attribution(changes: Changes) -> list[str]:
    """Companies without an attribution, by reason."""
    cause = changes.attribution.frame["cause"]
    by_reason = cause[cause != ""].groupby(cause).groups
    named = [f"{reason}: {', '.join(map(str, tickers))}" for reason, tickers in by_reason.items()]
    return [f"EV per MW not comparable. {'; '.join(named)}."] if named else []


def _place(row: Any) -> str:
    if math.isnan(row.rank_after):
        return ""
    now = f"{row.rank_after:.0f}"
    if math.isnan(row.rank_before) or row.rank_before == row.rank_after:
        return now
    return f"{row.rank_before:.0f}>{now}"


def contract_words(row: Any) -> str:
    """A changed contract in a line."""
    value = "value unknown" if math.isnan(row.owned_value_usd) else money(row.owned_value_usd)
    mw = "MW unknown" if math.isnan(row.owned_it_mw) else f"{figure(row.owned_it_mw, 'mw')} MW of critical IT"
    return f"{row.change}: {row.ticker}, {row.counterparty}, {mw}, {value} (owner's share), {row.contract_id}"


def fact_words(row: Any) -> str:
    """A changed fact in a line."""
    old, new = (f"{v:,.10g}" if not math.isnan(v) else "n/a" for v in (row.old, row.new))
    period = "" if pd.isna(row.new_period) else f" of {row.new_period:%Y-%m-%d}"
    change = {"new": f"new, {new}", "no longer used": f"no longer used, was {old}"}.get(row.change)
    return f"{row.ticker} {row.item}{period}: {change or f'{row.change}, {old} to {new}'} {row.unit} [{row.source}]"


def listed(title: str, frame: pd.DataFrame, words: Callable[[Any], str]) -> list[Block]:
    """Changes of one kind, a line each, the first of many; or that there is none."""
    if frame.empty:
        return [Text("no change.", lead=f"{title}:")]
    lines = [words(row) for row in frame.head(FACTS_SHOWN).itertuples(index=False)]
    if len(frame) > FACTS_SHOWN:
        lines.append(f"{len(frame) - FACTS_SHOWN} more: --out FILE.json has all")
    return [Points(f"{title}: {several(len(frame), 'change')}", lines)]


def companies_frame(changes: Changes) -> pd.DataFrame:
    """One row a company: every column of `Changes.companies` and the attribution."""
    parts = changes.attribution.frame.drop(columns=["before", "after"]).add_prefix("attribution_")
    return changes.companies.join(parts)


def changes_content(changes: Changes) -> dict[str, Any]:
    """The JSON object of everything that changed."""
    old, new = changes.before, changes.after
    return {
        "universe": new.universe,
        "before": {"run_id": old.run_id, "as_of": f"{old.as_of:%Y-%m-%d}", **old.headline},
        "after": {"run_id": new.run_id, "as_of": f"{new.as_of:%Y-%m-%d}", **new.headline},
        "settings_that_differ": list(changes.settings),
        "method": changes.attribution.method,
        "companies": companies_frame(changes).reset_index(),
        "contracts": changes.contracts,
        "facts": changes.facts,
        "names": changes.names,
        "issues": changes.issues,
    }
