"""What changed since an earlier run: settings, the gap before and now, the largest moves, contracts, changes of group."""

from __future__ import annotations

from valuation._words import count, day, listed, multiple, per_mw_change, percent, plural_verb
from valuation.comparison.attribution import IN_WORDS
from valuation.comparison.changes import Changes
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.groups import GROUP_NAMES

NO_EARLIER_RUN = "No earlier run to compare with."
MOVERS, LEAST_MOVE = 3, 0.005


def week(changes: Changes | None) -> tuple[str, tuple[Finding, ...]]:
    """The gap before and now, the largest moves with their main factor, contracts and changes of group."""
    if changes is None:
        return "What changed", (Finding(NO_EARLIER_RUN, CANNOT),)
    return f"Since {day(changes.before.as_of)}", (
        *_settings(changes),
        *_gap_before_and_now(changes),
        *_movers(changes),
        *_contracts(changes),
        _groups(changes),
    )


def _settings(changes: Changes) -> list[Finding]:
    if not changes.settings:
        return []
    n = len(changes.settings)
    text = f"{count(n, 'setting')} of the two runs {plural_verb(n, 'differ')}, so not every change is the market's."
    return [Finding(text, CANNOT, {"settings": n})]


def _gap_before_and_now(changes: Changes) -> list[Finding]:
    old, new = changes.before.headline, changes.after.headline
    if old["statistic"] != new["statistic"] or old["ratio"] is None or new["ratio"] is None:
        return _premium_before_and_now(changes)
    was, now = multiple(old["ratio"]), multiple(new["ratio"])
    text = f"The typical gap per secured MW was {was} and is now {now}."
    if changes.after.basis.closes_old or changes.before.basis.closes_old:
        text = f"The typical gap per secured MW was {was} in that run and {now} in this."
    return [Finding(text, CAN, {"before": old["ratio"], "now": new["ratio"]})]


def _premium_before_and_now(changes: Changes) -> list[Finding]:
    """Of the line, where the groups have no gap to compare."""
    old, new = changes.before.headline["premium"], changes.after.headline["premium"]
    if old is None or new is None:
        return []
    text = (
        f"The premium in EV per secured MW from none to 100% contracted AI revenue was {percent(old, signed=True)} in that "
        f"run and is {percent(new, signed=True)} in this."
    )
    return [Finding(text, CAN, {"premium_before": old, "premium_now": new})]


def _movers(changes: Changes) -> list[Finding]:
    moved = changes.movers
    moved = moved[moved["relative"].abs() >= LEAST_MOVE].head(MOVERS)
    if moved.empty:
        return [Finding("No company's EV per secured MW moved by 0.5% or more.", NOTE)]
    told = []
    for row in moved.itertuples():
        why = f"mainly {IN_WORDS[row.main]}, {per_mw_change(getattr(row, str(row.main)))}"
        told.append(f"{row.Index} {percent(row.relative, signed=True)} ({why})")
    figures = {str(ticker): float(change) for ticker, change in moved["relative"].items()}
    return [Finding(f"Largest moves in EV per secured MW: {listed(told)}.", CAN, figures)]


def _contracts(changes: Changes) -> list[Finding]:
    rows = changes.contracts
    told = [
        f"{count(len(part), 'contract')} {kind} ({listed(dict.fromkeys(part['ticker']))})"
        for kind, part in rows.groupby("change", sort=False)
    ]
    return [Finding(f"Contracts: {listed(told)}.", CAN, {"contracts": len(rows)})] if told else []


def _groups(changes: Changes) -> Finding:
    moves = changes.group_moves
    if moves.empty:
        return Finding("No company changed group.", NOTE, {"companies": 0})
    told = [f"{row.Index} to the {GROUP_NAMES[row.group_after]}" for row in moves.itertuples()]
    return Finding(f"Changed group: {listed(told)}.", CAN, {"companies": len(moves)})
