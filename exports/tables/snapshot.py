"""A run of the history as a page: a module of its own, since a stored run loads nothing of how a screen is computed."""

from __future__ import annotations

from typing import Any

from exports.tables.companies import companies, data_checks, figures_with_status
from exports.tables.formats import day, interval, multiple, p_value
from exports.tables.headline import stale_data
from exports.tables.spec import Block, Page, Text, note
from valuation.comparison.changes import Snapshot
from valuation.gap.estimate import STATISTICS
from valuation.gap.hodges_lehmann import TYPICAL


def snapshot_page(snapshot: Snapshot) -> Page:
    """A run of the history: headline, companies, what it was made under."""
    manifest, head = snapshot.manifest, snapshot.headline
    assumed = manifest["assumptions"]
    prices = (
        f"Prices: {manifest['price_source']}, last close {manifest['price_date']}. AI group: {manifest['group_rule']}."
    )
    blocks: list[Block] = [Text(prices, "bad" if manifest["fell_back"] else "dim")]
    blocks += [companies(snapshot.table, snapshot.status), *stale_data(snapshot.basis)]
    if head["ratio"] is None:
        sizes = f"n = {head['n_pivot']:.0f} + {head['n_bitcoin']:.0f}"
        blocks.append(Text(f"per secured MW: estimate not available, {sizes}.", lead=snapshot.basis.sentence("Gap")))
    else:
        blocks.append(
            Text(
                f"per secured MW, {_how(head, assumed)}, n = {head['n_pivot']:.0f} + {head['n_bitcoin']:.0f}.",
                lead=snapshot.basis.sentence(f"Gap {multiple(head['ratio'])}"),
            )
        )
    if head["premium"] is not None:
        blocks.append(
            Text(
                f"from 0% to 100% contracted AI share, {p_value(head['premium_p'])}, n = {head['premium_n']:.0f}, OLS, "
                "restricted wild bootstrap. Association, not cause.",
                lead=f"Premium {head['premium']:+,.0%}",
            )
        )
    blocks += [
        data_checks(snapshot.issues),
        note(f"Toolkit {manifest['version']}; {len(snapshot.facts):,} facts kept with their sources."),
    ]
    frame = figures_with_status(snapshot.table, snapshot.status, snapshot.names)
    title = f"{snapshot.title}, {day(snapshot.as_of)}, run {snapshot.run_id}"
    return Page(title, blocks, {}, {"companies": frame})


def _how(head: dict[str, Any], assumed: dict[str, Any]) -> str:
    """The statistic of a kept headline with its interval and method: the ratio of medians up to version 0.2."""
    reach = (
        "no confidence interval"
        if head["low"] is None
        else f"{assumed['confidence_level']:.0%} confidence interval {interval(head['low'], head['high'])}"
    )
    if head["statistic"] == TYPICAL:
        return f"{STATISTICS[TYPICAL]}, {reach}, exact Wilcoxon rank-sum test"
    drawn = f"BCa bootstrap, B = {assumed['bootstrap_draws']}, seed {assumed['seed']}"
    return f"{STATISTICS.get(head['statistic'], head['statistic'])}, {reach}, {drawn}"
