"""Where every figure of a screen came from, and what is wrong or doubtful about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.universes import Universe
from valuation import enterprise
from valuation.inputs import Inputs
from valuation.screen import SEVERITIES

if TYPE_CHECKING:
    from screener.screen import Gathered

COLUMNS = [
    "ticker", "item", "value", "unit", "period_end", "published_on",
    "source", "source_url", "confidence", "evidence",
]  # fmt: skip
TTM_QUARTERS = 4
MILLION = 1e6
CONTRACTED_MW_TOLERANCE = 0.05
PRICES = ("price_usd", "btc_usd", "eth_usd")


def facts_used(
    universe: Universe, gathered: Gathered, inputs: Inputs, used: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Every fact behind a screen: items in force, revenue quarters, closes, transactions, instruments, contracts.

    Returns
    -------
    DataFrame
        `COLUMNS`; `source` is file:line of the universe, or the live source.
    """
    items = gathered.facts.iloc[np.unique(used["row"])]
    parts = [
        fact_rows(items),
        fact_rows(_quarters_used(gathered.facts, inputs)),
        _closes(gathered, universe, inputs, as_of),
        _transactions(universe, inputs, as_of),
        _instruments(inputs),
        _contracts(inputs),
    ]
    out = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return out.sort_values(["ticker", "item", "period_end"], kind="stable", ignore_index=True)


def _place(frame: pd.DataFrame) -> pd.Series:
    line = frame["line"]
    text = frame["file"].astype(object) + ":" + line.fillna(0).astype(int).astype(str)
    return text.where(line.notna(), frame["file"].astype(object))


def fact_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Facts of a universe or a live source in the shape of `COLUMNS`."""
    return rows.assign(source=_place(rows))[COLUMNS]


def _quarters_used(facts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The rows behind the last four quarters of revenue known."""
    from screener.known import QUARTER_ITEMS

    latest = inputs.quarters.sort_values("period_end").groupby("ticker").tail(TTM_QUARTERS)
    wanted = pd.MultiIndex.from_frame(latest[["ticker", "period_end"]])
    as_of = inputs.index.get_level_values("as_of")[0]
    mine = facts[facts["item"].isin(QUARTER_ITEMS) & (facts["published_on"] <= as_of)]
    mine = mine[pd.MultiIndex.from_frame(mine[["ticker", "period_end"]]).isin(wanted)]
    key = ["ticker", "item", "period_end"]
    return mine.sort_values("published_on", kind="stable").drop_duplicates(key, keep="last")


def prices_used(gathered: Gathered, inputs: Inputs) -> pd.DataFrame:
    """The close behind each company's price.

    Returns
    -------
    DataFrame
        Indexed by ticker: date, close_usd, source (`yahoo`, `bundled`), place (the source, or file:line); only
        companies that have a close.
    """
    used = pd.DataFrame(
        {
            "ticker": inputs.index.get_level_values("ticker"),
            "date": inputs.periods["price_usd"].to_numpy(),
            "close_usd": inputs.items["price_usd"].to_numpy(),
        }
    ).dropna(subset="close_usd")
    return _with_place(used, gathered).set_index("ticker")


def _with_place(used: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """Closes by ticker and date with where they come from; of two of one day the later row is the one in force."""
    rows = gathered.closes.drop_duplicates(["ticker", "date"], keep="last")[["ticker", "date", "file", "line"]]
    out = used.merge(rows, on=["ticker", "date"], how="left")
    return out.assign(source=np.where(out["line"].isna(), out["file"], "bundled"), place=_place(out))


def _closes(gathered: Gathered, universe: Universe, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    companies = prices_used(gathered, inputs).reset_index()
    coins = pd.concat([_bitcoin(gathered, universe, inputs), _ether(gathered, inputs, as_of)])
    rows = pd.concat([companies.assign(item="price_usd", unit="usd_per_share"), coins], ignore_index=True)
    live = rows["source"] != "bundled"
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": rows["item"],
            "value": rows["close_usd"],
            "unit": rows["unit"],
            "period_end": rows["date"],
            "published_on": rows["date"],
            "source": rows["place"],
            "source_url": ("https://finance.yahoo.com/quote/" + rows["ticker"].astype(object)).where(live, ""),
            "confidence": np.where(live, "high", "medium"),
            "evidence": "last close on or before the as-of date, as traded",
        }
    )[COLUMNS]


def _bitcoin(gathered: Gathered, universe: Universe, inputs: Inputs) -> pd.DataFrame:
    """Bitcoin's price is of the source where it gave one for that day, else of the network file."""
    price, day = inputs.market["btc_usd"].iloc[0], inputs.market["btc_date"].iloc[0]
    if pd.isna(price):
        return pd.DataFrame()
    row = _with_place(pd.DataFrame({"ticker": ["BTC-USD"], "date": [day], "close_usd": [price]}), gathered)
    if row["file"].isna().all():
        own = universe.network[universe.network["date"] == day].tail(1)
        row = row.assign(source="bundled", place=_place(own).to_numpy())
    return row.assign(item="btc_usd", unit="usd_per_btc")


def _ether(gathered: Gathered, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    """Ether's price, where a company holds any."""
    quoted = gathered.closes[(gathered.closes["ticker"] == "ETH-USD") & (gathered.closes["date"] <= as_of)]
    if quoted.empty or not (inputs.items["eth_held"] > 0).any():
        return pd.DataFrame()
    latest = quoted.sort_values("date", kind="stable").tail(1)[["ticker", "date", "close_usd"]]
    return _with_place(latest, gathered).assign(item="eth_usd", unit="usd_per_eth")


def _transactions(universe: Universe, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    """Financings that moved a figure: dated after the row that they roll forward, known by the as-of date."""
    from screener.known import ROLLED_FORWARD

    due = universe.transactions[
        (universe.transactions["published_on"] <= as_of) & (universe.transactions["date"] <= as_of)
    ]
    units = {"cash_usd": "usd", "debt_usd": "usd", "shares": "shares", "btc": "btc"}
    parts = []
    for item, column in ROLLED_FORWARD.items():
        base = inputs.periods[item].droplevel("as_of").reindex(due["ticker"]).to_numpy()
        moved = due[(due["date"].to_numpy() > base) & due[column].fillna(0.0).ne(0).to_numpy()]
        parts.append(
            pd.DataFrame(
                {
                    "ticker": moved["ticker"],
                    "item": f"{item}: transaction, " + moved["kind"].astype(object).str.replace("_", " "),
                    "value": moved[column],
                    "unit": units[column],
                    "period_end": moved["date"],
                    "published_on": moved["published_on"],
                    "source": _place(moved),
                    "source_url": moved["source_url"],
                    "confidence": "",
                    "evidence": moved["evidence"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _instruments(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.instruments
    convertible = rows["kind"] == "convertible"
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": rows["kind"].astype(object) + ": " + rows["instrument"].astype(object)
            + " at " + rows["price_usd"].map("{:.2f}".format),
            "value": rows["principal_usd"].where(convertible, rows["quantity"]),
            "unit": np.where(convertible, "usd", "shares"),
            "period_end": rows["issued_on"],
            "published_on": rows["published_on"],
            "source": _place(rows),
            "source_url": rows["source_url"],
            "confidence": "",
            "evidence": rows["evidence"],
        }
    )[COLUMNS]  # fmt: skip


def _contracts(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.contracts
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": "contract: " + rows["contract_id"].astype(object),
            "value": rows["total_value_usd"],
            "unit": "usd",
            "period_end": rows["announced_on"],
            "published_on": rows["announced_on"],
            "source": _place(rows),
            "source_url": rows["source_url"],
            "confidence": "",
            "evidence": rows["evidence"],
        }
    )[COLUMNS]


def issues(
    gathered: Gathered,
    table: pd.DataFrame,
    status: pd.DataFrame,
    causes: pd.DataFrame,
    facts: pd.DataFrame,
    contracts: pd.DataFrame,
    items: pd.DataFrame,
    bridge: pd.DataFrame,
) -> pd.DataFrame:
    """Data problems of a screen: severity, ticker, what, detail, gravest first."""
    rows: list[tuple[str, str, str, str]] = []
    if gathered.fell_back:
        rows.append(("error", "", "live source not used", gathered.fell_back))
    rows += [
        (
            "error" if failure.what == "closes" and failure.kind != "partial" else "warning",
            failure.symbol,
            failure.what,
            failure.reason,
        )
        for failure in gathered.failures
    ]
    rows += _differences(gathered, facts)
    newer = facts[(facts["source"] == gathered.source) & ~facts["item"].isin(PRICES)]
    rows += [
        ("note", row.ticker, f"{row.item} from {row.source}", f"newer than the universe: {row.period_end:%Y-%m-%d}")
        for row in newer.itertuples(index=False)
    ]
    severity = {"missing": "warning", "stale": "note", "proxy": "note"}
    for metric in ("enterprise_value_usd", "secured_mw", "ai_share_contracted", "backlog_usd"):
        for ticker in table.index[status[metric].isin(list(severity)).to_numpy()]:
            state = status.at[ticker, metric]
            rows.append((severity[state], ticker, f"{metric} {state}", causes.at[ticker, metric]))
    rows += [
        ("note", ticker, "outside the statistics", reason) for ticker, reason in table["excluded"].items() if reason
    ]
    low = facts[facts["confidence"] == "low"]
    rows += [
        ("note", row.ticker, f"{row.item} of low confidence", f"{row.evidence} [{row.source}]")
        for row in low.itertuples(index=False)
    ]
    rows += _contracted_mw(contracts, items)
    rows += _provider(gathered, bridge)
    out = pd.DataFrame(rows, columns=["severity", "ticker", "what", "detail"])
    rank = {name: i for i, name in enumerate(SEVERITIES)}
    return out.sort_values("severity", key=lambda s: s.map(rank), kind="stable", ignore_index=True)


def _differences(gathered: Gathered, facts: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Both figures where source and universe disagree on a period or day in force; of older periods the number."""
    key = ["ticker", "item", "period_end"]
    apart = gathered.differences
    in_force = pd.MultiIndex.from_frame(apart[key]).isin(pd.MultiIndex.from_frame(facts[key]))
    in_force |= (apart["item"] == "price_usd").to_numpy()
    rows = []
    for row in apart[in_force].itertuples(index=False):
        shape = "{:,.2f}" if row.item == "price_usd" else "{:,.0f}"
        used = gathered.source if row.item == "price_usd" else "the universe"
        distance = f"{row.relative:.1%} apart" if np.isfinite(row.relative) else "apart"
        detail = (
            f"{row.period_end:%Y-%m-%d}: universe {shape.format(row.universe_value)}, {gathered.source} "
            f"{shape.format(row.live_value)} ({distance}); the figure of {used} is used"
        )
        rows.append(("warning", row.ticker, f"{row.item} differs", detail))
    for (ticker, item), older in apart[~in_force].groupby(["ticker", "item"]):
        days = ", ".join(f"{day:%Y-%m-%d}" for day in sorted(older["period_end"]))
        rows.append(("note", ticker, f"{item} of older periods differs", f"{gathered.source}, more than 2%: {days}"))
    return rows


def _contracted_mw(contracts: pd.DataFrame, items: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Contracts summed at 100% beside the company's own contracted MW, where they differ."""
    ai = contracts[contracts["is_ai"]]
    summed = ai.groupby("ticker")["critical_it_mw"].sum()
    rows = []
    for ticker, reported in items["mw_ai_contracted_it"].dropna().items():
        total = float(summed.get(ticker, 0.0))
        if abs(total - reported) > CONTRACTED_MW_TOLERANCE * max(reported, 1.0):
            detail = f"company or press {reported:,.0f} MW, contracts listed {total:,.0f} MW at 100%"
            rows.append(("note", ticker, "contracted MW differ", detail))
    return rows


def _provider(gathered: Gathered, bridge: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Our enterprise value beside the source's own, with what explains the difference."""
    theirs = gathered.provider.set_index("ticker")["enterprise_value_usd"]
    rows = []
    for row in enterprise.against(bridge, theirs).itertuples():
        detail = (
            f"{row.enterprise_value_usd / MILLION:,.0f} m USD, {gathered.source} {row.provider_usd / MILLION:,.0f}: "
            f"{row.difference_usd / MILLION:+,.0f} = coins netted {row.coins_usd / MILLION:+,.0f}, convertibles and "
            f"warrants {row.dilution_usd / MILLION:+,.0f}, the rest {row.rest_usd / MILLION:+,.0f}"
        )
        rows.append(("note", str(row.Index), "enterprise value beside the provider's", detail))
    return rows
