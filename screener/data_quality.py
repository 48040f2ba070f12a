"""Data checks of a screen: what is stale, missing, in disagreement or of low confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from screener.gathering import InputData
from screener.overrides.override import Outcome, shown
from screener.sources import registry
from screener.sources.gate.held import in_force, messages
from screener.sources.registry import LEDGER
from screener.sources.told import PROPOSED
from valuation.fundamentals import enterprise_value
from valuation.fundamentals.company_metrics import Valuation
from valuation.screen import SEVERITIES

MILLION = 1e6
CONTRACTED_MW_TOLERANCE = 0.05
PRICES = ("price_usd", "btc_usd", "eth_usd")


Row = tuple[str, str, str, str]
# How grave it is that a metric of each status stands on the screen.
GRAVE = {"missing": "warning", "stale": "note", "proxy": "note"}
WATCHED = ("enterprise_value_usd", "secured_mw", "ai_share_contracted", "backlog_usd")


def issues(
    data: InputData,
    valued: Valuation,
    facts: pd.DataFrame,
    items: pd.DataFrame,
    tickers: pd.Index,
    overridden: Sequence[Outcome] = (),
) -> pd.DataFrame:
    """Data problems of a screen: severity, ticker, what, detail, gravest first.

    Parameters
    ----------
    data : InputData
    valued : Valuation
        Of the screen's date.
    facts : DataFrame
        From `provenance.facts_used`.
    items : DataFrame
        By ticker: the items as known on the date.
    tickers : Index
        The companies in the screen's order.
    overridden : sequence of Outcome
        What was made of the inputs that a person replaced.
    """
    table, status, causes = (
        frame.droplevel("as_of").loc[tickers] for frame in (valued.table, valued.status, valued.causes)
    )
    rows = [
        *_fallback(data),
        *_held(data, facts),
        *_failures(data),
        *_overridden(overridden, tickers),
        *_changed_closes(data),
        *_differences(data, facts),
        *_conflicts(data, facts),
        *_newer_statements(data, facts),
        *_statuses(status, causes),
        *_excluded(table),
        *_low_confidence(facts),
        *_proposed(facts),
        *_contracted_mw(valued.contracts, items),
        *_preferred(valued.bridge.droplevel("as_of").loc[tickers]),
        *_provider(data, valued.bridge.droplevel("as_of").loc[tickers]),
    ]
    out = pd.DataFrame(rows, columns=["severity", "ticker", "what", "detail"])
    rank = {name: i for i, name in enumerate(SEVERITIES)}
    return out.sort_values("severity", key=lambda s: s.map(rank), kind="stable", ignore_index=True)


def _fallback(data: InputData) -> list[Row]:
    """That bundled data stand in for a live source."""
    return [("error", "", "live source not used", data.fell_back)] if data.fell_back else []


def _held(data: InputData, facts: pd.DataFrame) -> list[Row]:
    """Figures that the gate held back, gravest where no later one stands in; and large steps that are used."""
    back, told = data.held[~data.held["used"]], data.held[data.held["used"]]
    grave = set(in_force(data.held, facts)[["ticker", "item"]].itertuples(index=False, name=None))
    rows: list[Row] = [
        ("error" if (ticker, item) in grave else "warning", ticker, f"{item} held back", text)
        for ticker, item, text in messages(back)
    ]
    return rows + [
        ("warning", row.ticker, f"{row.item} large step", f"{row.place}: {row.reason}; used")
        for row in told.itertuples(index=False)
    ]


def _overridden(outcomes: Sequence[Outcome], tickers: pd.Index) -> list[Row]:
    """Inputs that a person replaced, with what the run would have taken where that is no longer what the person saw."""
    rows: list[Row] = []
    for outcome in outcomes:
        one = outcome.override
        ticker = one.subject.partition(" | ")[0]
        ticker = ticker if ticker in tickers else ""
        if outcome.refused:
            rows.append(("warning", ticker, f"override not used: {one.meaning}", f"{one.source}; {outcome.refused}"))
            continue
        detail = f"{shown(one.old)} replaced by {shown(one.new)}, {one.source}"
        if outcome.moved:
            replaced = outcome.replaced
            now = shown(replaced / one.scale if isinstance(replaced, float) else replaced)
            detail += f"; without it this run would have taken {now}"
        rows.append(("note", ticker, f"overridden: {one.meaning}", detail))
    return rows


def _failures(data: InputData) -> list[Row]:
    """What the live source was asked for and did not give, and a ledger that could not be used."""
    return [
        (
            "error" if failure.what in ("closes", LEDGER) and failure.kind != "partial" else "warning",
            failure.symbol,
            failure.what,
            failure.reason,
        )
        for failure in data.failures
    ]


def _changed_closes(data: InputData) -> list[Row]:
    """Closes of a day already known that a source told differently later."""
    rows = []
    for row in data.changed.itertuples(index=False):
        detail = f"{row.date:%Y-%m-%d}: {row.before:g} before, {row.now:g} on {row.seen_at:%Y-%m-%d}"
        detail += f"; not used: {row.held}" if row.held else "; the later one is used"
        rows.append(("warning", row.ticker, f"{registry.title(row.source)} changed a close", detail))
    return rows


def _newer_statements(data: InputData, facts: pd.DataFrame) -> list[Row]:
    """Figures of the live source that are newer than the universe's."""
    newer = facts[facts["source"].isin(registry.LIVE) & ~facts["item"].isin(PRICES)]
    return [
        ("note", row.ticker, f"{row.item} from {row.source}", f"newer than the universe: {row.period_end:%Y-%m-%d}")
        for row in newer.itertuples(index=False)
    ]


def _statuses(status: pd.DataFrame, causes: pd.DataFrame) -> list[Row]:
    """Metrics of the screen that are missing, stale or a proxy, with the causes."""
    rows = []
    for metric in WATCHED:
        for ticker in status.index[status[metric].isin(list(GRAVE)).to_numpy()]:
            state = status.at[ticker, metric]
            rows.append((GRAVE[state], ticker, f"{metric} {state}", causes.at[ticker, metric]))
    return rows


def _proposed(facts: pd.DataFrame) -> list[Row]:
    """Figures of filings in use that nobody accepted yet."""
    return [
        ("warning", row.ticker, f"{row.item} proposed, not accepted", f"{row.period_end:%Y-%m-%d}: {row.evidence}")
        for row in facts[facts["confidence"] == PROPOSED].itertuples(index=False)
    ]


def _excluded(table: pd.DataFrame) -> list[Row]:
    """Companies outside the statistics, and why."""
    return [
        ("note", ticker, "outside the statistics", reason) for ticker, reason in table["excluded"].items() if reason
    ]


def _low_confidence(facts: pd.DataFrame) -> list[Row]:
    """Facts of low confidence that the screen uses."""
    low = facts[facts["confidence"] == "low"]
    return [
        ("note", row.ticker, f"{row.item} of low confidence", f"{row.evidence} [{row.source}]")
        for row in low.itertuples(index=False)
    ]


def _differences(data: InputData, facts: pd.DataFrame) -> list[Row]:
    """Both figures where source and universe disagree on a period or day in force; of older periods the number."""
    key = ["ticker", "item", "period_end"]
    apart = data.differences
    in_force = pd.MultiIndex.from_frame(apart[key]).isin(pd.MultiIndex.from_frame(facts[key]))
    in_force |= (apart["item"] == "price_usd").to_numpy()
    live = registry.title(data.source)
    rows = []
    for row in apart[in_force].itertuples(index=False):
        shape = "{:,.2f}" if row.item == "price_usd" else "{:,.0f}"
        used = live if row.item == "price_usd" else "the universe"
        distance = f"{row.relative:.1%} apart" if np.isfinite(row.relative) else "apart"
        detail = (
            f"{row.period_end:%Y-%m-%d}: universe {shape.format(row.universe_value)}, {live} "
            f"{shape.format(row.live_value)} ({distance}); the figure of {used} is used"
        )
        rows.append(("warning", row.ticker, f"{row.item} differs", detail))
    for (ticker, item), older in apart[~in_force].groupby(["ticker", "item"]):
        days = ", ".join(f"{day:%Y-%m-%d}" for day in sorted(older["period_end"]))
        rows.append(("note", ticker, f"{item} of older periods differs", f"{live}, more than 2%: {days}"))
    return rows


def _conflicts(data: InputData, facts: pd.DataFrame) -> list[Row]:
    """Facts in force of an overlay beside the bundled universe's figure of the same period."""
    key = ["ticker", "item", "period_end"]
    apart = data.conflicts
    used = pd.MultiIndex.from_frame(facts[[*key, "source"]])
    apart = apart[pd.MultiIndex.from_frame(apart[[*key, "overlay"]]).isin(used)]
    return [
        ("warning", row.ticker, f"{row.item} differs from the universe",
         f"{row.period_end:%Y-%m-%d}: overlay {row.overlay_value:,.10g} [{row.overlay}], universe "
         f"{row.universe_value:,.10g} [{row.universe}]; the overlay's figure is used")
        for row in apart.itertuples(index=False)
    ]  # fmt: skip


def _contracted_mw(contracts: pd.DataFrame, items: pd.DataFrame) -> list[Row]:
    """Contracts summed at 100% beside the company's own contracted MW, where they differ."""
    ai = contracts[contracts["is_ai"]]
    # A contract that states gross MW alone has critical IT MW by the assumed ratio; one that states none is unknown.
    mw = ai["critical_it_mw"].fillna(ai["owned_it_mw"] / ai["owner_share"])
    summed = mw.groupby(ai["ticker"]).sum(min_count=1)
    rows = []
    for ticker, reported in items["mw_ai_contracted_it"].dropna().items():
        total = float(summed.get(ticker, 0.0))
        if abs(total - reported) > CONTRACTED_MW_TOLERANCE * max(reported, 1.0):
            detail = f"company or press {reported:,.0f} MW, contracts listed {total:,.0f} MW at 100%"
            rows.append(("note", ticker, "contracted MW differ", detail))
    return rows


def _preferred(bridge: pd.DataFrame) -> list[Row]:
    """Preferred equity that can be redeemed later than in a year at more than it counts for today."""
    rows = []
    later = bridge["preferred_later_usd"].dropna()
    for ticker, amount in later.items():
        counted = np.nan_to_num(bridge.at[ticker, "preferred_equity_usd"])
        detail = f"counted at {counted / MILLION:,.0f} m USD, redeemable later at {amount / MILLION:,.0f}"
        rows.append(("note", str(ticker), "preferred equity has a higher amount later", detail))
    return rows


def _provider(data: InputData, bridge: pd.DataFrame) -> list[Row]:
    """Our enterprise value beside the source's own, with what explains the difference."""
    theirs, live = data.provider.set_index("ticker")["enterprise_value_usd"], registry.title(data.source)
    rows = []
    for row in enterprise_value.against(bridge, theirs).itertuples():
        detail = (
            f"{row.enterprise_value_usd / MILLION:,.0f} m USD, {live} {row.provider_usd / MILLION:,.0f}: "
            f"{row.difference_usd / MILLION:+,.0f} = coins netted {row.coins_usd / MILLION:+,.0f}, convertibles and "
            f"warrants {row.dilution_usd / MILLION:+,.0f}, the rest {row.rest_usd / MILLION:+,.0f}"
        )
        rows.append(("note", str(row.Index), "enterprise value beside the provider's", detail))
    return rows
