"""What changed between two runs, in a terminal of 80 columns, as CSV and as JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exports.tables.screen import csv_text, records
from valuation.comparison.attribution import FACTORS, TITLES
from valuation.comparison.changes import Changes

MOVERS_TOLD, LEAST_MOVE = 5, 0.005
SHORT = {**TITLES, "shares": "Shares", "bitcoin": "BTC", "other_claims": "Other"}
FACTS_SHOWN = 20


def in_words(changes: Changes) -> list[str]:
    """The week in a few lines: the gap, the largest moves and what moved them, contracts, groups, facts."""
    new = changes.after
    lines = [f"Not the market: {told}." for told in changes.settings]
    lines.append("; ".join(_headline(changes)) + ".")
    lines += [
        f"{row.Index}: EV per secured MW {row.before:.2f} to {row.after:.2f} m USD ({row.relative:+.0%}), "
        f"mostly {TITLES[row.main].lower()} ({getattr(row, row.main):+.2f})."
        for row in changes.movers.head(MOVERS_TOLD).itertuples()
        if abs(row.relative) >= LEAST_MOVE
    ]
    lines += _conversions(changes)
    lines += [f"Contract {_contract(row)}." for row in changes.contracts.itertuples()]
    lines += [f"{r.Index}: group was {r.group_before}, is {r.group_after}." for r in changes.group_moves.itertuples()]
    lines += [f"{row.ticker}: {row.change} ({row.detail})." for row in changes.names.itertuples()]
    count = changes.facts["change"].value_counts()
    told = [f"{count[kind]} {kind}" for kind in ("restated", "newer period", "new", "no longer used") if kind in count]
    lines.append(f"Facts: {', '.join(told) or 'none changed'}.")
    appeared, gone = ((changes.issues["change"] == change).sum() for change in ("appeared", "gone"))
    lines.append(f"Data problems: {appeared} appeared, {gone} gone.")
    if new.manifest["fell_back"]:
        lines.append(f"Live prices were not got ({new.manifest['fell_back']}): bundled prices are used.")
    return lines


def _conversions(changes: Changes) -> list[str]:
    """Convertibles that the price carried over their conversion price, or back."""
    name = "debt_converted_usd"
    before = changes.before.bridge[name].reindex(changes.after.bridge.index).fillna(0.0)
    moved = changes.after.bridge[name].fillna(0.0) - before
    told = []
    for ticker, usd in moved[moved != 0].items():
        way = (
            "counts as shares now and no longer as debt" if usd > 0 else "counts as debt again and no longer as shares"
        )
        told.append(f"{ticker}: {abs(usd) / 1e9:.2f} bn USD of convertibles {way}; the two parts belong together.")
    return told


def print_changes(changes: Changes, console: Console) -> None:
    """Headline, companies with the attribution of each change in EV per MW, contracts, facts, names, problems."""
    old, new = changes.before, changes.after
    console.print(Text(f"{new.title}: what changed", style="bold"))
    console.print(Text(f"{old.as_of:%Y-%m-%d} (run {old.run_id}) to {new.as_of:%Y-%m-%d} (run {new.run_id})", "dim"))
    for told in changes.settings:
        console.print(Text(f"Not the market: {told}", style="bold red"))
    for line in _headline(changes):
        console.print(line, markup=False)
    console.print(_companies(changes))
    for line in _not_split(changes):
        console.print(Text(line, "dim"))
    console.print(
        Text(
            "EV per secured MW in m USD; the seven columns after the change add up to it. #: place by EV per MW. "
            "Shapley value over all orders of change. A convertible that the price carries over its conversion price "
            "shows as more shares and less debt.",
            style="dim",
        )
    )
    for title, frame, shape in (
        ("Contracts", changes.contracts, _contract),
        ("Names", changes.names, lambda r: f"{r.ticker}: {r.change} ({r.detail})"),
        ("Data problems", changes.issues, lambda r: f"{r.change}: {r.ticker} {r.what} ({r.severity})"),
    ):
        _list(console, title, frame, shape)
    _list(console, "Facts", changes.facts, _fact)


def _headline(changes: Changes) -> list[str]:
    old, new = changes.before.headline, changes.after.headline
    lines = []
    for name, title, shape in (
        ("ratio", "Gap per secured MW", "{:.2f}"),
        ("pivot_value", "Pivot median, m USD", "{:.2f}"),
        ("bitcoin_value", "Bitcoin median, m USD", "{:.2f}"),
        ("premium", "Premium, share 0 to 100%", "{:+.0%}"),
    ):
        lines.append(f"{title}: {_told(old[name], shape)} to {_told(new[name], shape)}")
    lines.append(f"Bitcoin: {changes.before.btc_usd:,.0f} to {changes.after.btc_usd:,.0f} USD")
    return lines


def _told(value: float | None, shape: str) -> str:
    return "n/a" if value is None else shape.format(value)


def _companies(changes: Changes) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    for header in ("Price\n%", "EV/MW\nnow", "\nChange", *(f"\n{SHORT[f]}" for f in FACTORS), "\n#"):
        table.add_column(header, justify="right", no_wrap=True)
    parts = changes.attribution.frame
    for row in changes.companies.itertuples():
        if row.Index not in parts.index or parts.at[row.Index, "cause"]:
            continue
        moved = f"{row.price_change:+.0%}" if not math.isnan(row.price_change) else "n/a"
        cells = [_number(parts.at[row.Index, name], "{:+.2f}") for name in ("change", *FACTORS)]
        table.add_row(str(row.Index), moved, _number(row.per_mw_after, "{:.2f}"), *cells, _place(row))
    return table


def _not_split(changes: Changes) -> list[str]:
    """Companies without an attribution, by reason."""
    cause = changes.attribution.frame["cause"]
    by_reason = cause[cause != ""].groupby(cause).groups
    told = [f"{reason}: {', '.join(map(str, tickers))}" for reason, tickers in by_reason.items()]
    return [f"No EV per MW to compare. {'; '.join(told)}."] if told else []


def _number(value: float, shape: str) -> str:
    if math.isnan(value):
        return "n/a"
    text = shape.format(value)
    return "-" if text.strip("+-0.") == "" and "+" in shape else text


def _place(row: Any) -> str:
    if math.isnan(row.rank_after):
        return ""
    now = f"{row.rank_after:.0f}"
    if math.isnan(row.rank_before) or row.rank_before == row.rank_after:
        return now
    return f"{row.rank_before:.0f}>{now}"


def _contract(row: Any) -> str:
    value = "value n/a" if math.isnan(row.owned_value_usd) else f"{row.owned_value_usd / 1e9:.2f} bn USD"
    mw = "MW n/a" if math.isnan(row.owned_it_mw) else f"{row.owned_it_mw:,.0f} MW critical IT"
    return f"{row.change}: {row.ticker}, {row.counterparty}, {mw}, {value} (owner's share), {row.contract_id}"


def _fact(row: Any) -> str:
    old, new = (f"{v:,.10g}" if not math.isnan(v) else "n/a" for v in (row.old, row.new))
    period = "" if pd.isna(row.new_period) else f" of {row.new_period:%Y-%m-%d}"
    change = {"new": f"new, {new}", "no longer used": f"no longer used, was {old}"}.get(row.change)
    return f"{row.ticker} {row.item}{period}: {change or f'{row.change}, {old} to {new}'} {row.unit} [{row.source}]"


def _list(console: Console, title: str, frame: pd.DataFrame, shape: Any) -> None:
    console.print(Text(f"{title}: {len(frame) or 'no change'}", style="bold"))
    for row in frame.head(FACTS_SHOWN).itertuples(index=False):
        console.print(f"  {shape(row)}", markup=False)
    if len(frame) > FACTS_SHOWN:
        console.print(Text(f"  and {len(frame) - FACTS_SHOWN} more (--out FILE.json has all)", "dim"))


def companies_frame(changes: Changes) -> pd.DataFrame:
    """One row a company: every column of `Changes.companies` and the attribution."""
    parts = changes.attribution.frame.drop(columns=["before", "after"]).add_prefix("attribution_")
    return changes.companies.join(parts)


def as_csv(changes: Changes) -> str:
    """`companies_frame` as CSV."""
    return csv_text(companies_frame(changes).rename_axis("ticker").reset_index())


def as_dict(changes: Changes) -> dict[str, Any]:
    """One JSON-ready object of everything that changed; unknown is null."""

    def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
        return records(frame, index=False)

    old, new = changes.before, changes.after
    return {
        "universe": new.universe,
        "before": {"run_id": old.run_id, "as_of": f"{old.as_of:%Y-%m-%d}", **old.headline},
        "after": {"run_id": new.run_id, "as_of": f"{new.as_of:%Y-%m-%d}", **new.headline},
        "settings_that_differ": list(changes.settings),
        "method": changes.attribution.method,
        "companies": rows(companies_frame(changes).reset_index()),
        "contracts": rows(changes.contracts),
        "facts": rows(changes.facts),
        "names": rows(changes.names),
        "issues": rows(changes.issues),
    }


def print_runs(runs: list[Any], console: Console) -> None:
    """The history, a row a run."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for header, side in (("Run", "left"), ("As of", "left"), ("Recorded, UTC", "left"), ("Kind", "left"),
                         ("Prices", "left"), ("Gap", "right"), ("n", "right"), ("Premium", "right")):  # fmt: skip
        table.add_column(header, justify=side, no_wrap=True)  # type: ignore[arg-type]
    for run in runs:
        gap = "n/a" if run.gap_ratio is None else f"{run.gap_ratio:.2f}"
        premium = "n/a" if run.premium is None else f"{run.premium:+.0%}"
        prices = f"{run.price_source}{' !' if run.fell_back else ''}"
        table.add_row(run.run_id, str(run.as_of), f"{run.recorded_at:%Y-%m-%d %H:%M}", run.kind, prices, gap,
                      f"{run.n_pivot}+{run.n_bitcoin}", premium)  # fmt: skip
    console.print(table)
