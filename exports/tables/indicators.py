"""The indicators as a page: each series at the last week of every quarter, the latest by company, kind and tenant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from exports.tables.formats import day
from exports.tables.plots import indicator
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings
from valuation._words import usd
from valuation.indicators.findings import MW_PER_GW
from valuation.indicators.power import BESIDE, USES
from valuation.indicators.result import TITLES, Indicators

WEEK = Column("week", "Week", "date")
TENANTS_SHOWN = 12
NEVER_LONGER = 14  # quarters shown


def indicators_page(result: Indicators, names: Sequence[str] = tuple(TITLES)) -> Page:
    """The indicators asked for, with what they say; the series themselves in the files.

    Parameters
    ----------
    names : sequence of str
        Of `result.TITLES`.
    """
    made: dict[str, Callable[[Indicators], list[Block]]] = {
        "revenue-mix": _revenue, "contracts": _contracts, "power": _power, "price-divergence": _prices,
    }  # fmt: skip
    blocks: list[Block] = []
    files: dict[str, pd.DataFrame] = {}
    for name in names:
        blocks += [Text("", "heading", lead=TITLES[name]), indicator(result, name), *made[name](result)]
        files |= {key: frame.reset_index() for key, frame in series_of(result, name).items()}
    found = [one for name in names for one in result.findings_of(name)]
    content: dict[str, Any] = {"as_of": result.as_of, "since": result.since}
    content |= files | {"findings": [{"text": one.text, "kind": one.kind, **one.figures} for one in found]}
    weeks = len(result.revenue_mix)
    title = f"Indicators, {weeks} weeks from {day(result.since)} to {day(result.as_of)}, each as known in that week"
    return Page(title, [*blocks, *findings(found)], content, files)


def series_of(result: Indicators, name: str) -> dict[str, pd.DataFrame]:
    """The series of one indicator by the name of its file: every week, every figure."""
    if name == "revenue-mix":
        return {"revenue_mix": result.revenue_mix}
    if name == "contracts":
        signed = result.contracts
        return {
            "contracts": signed.sector,
            "contracts_by_kind": signed.by_kind,
            "contracts_by_tenant": signed.by_tenant,
            "contracts_by_company": signed.by_company,
        }
    if name == "power":
        table, status, causes = result.power.table, result.power.status, result.power.causes
        joined = table.join(status.add_suffix("_status")).join(causes["mining_mw"].rename("mining_mw_causes"))
        return {"power": result.power.sector, "power_by_company": joined, "hashrate": result.hashrate}
    divergence = result.price_divergence
    return {"price_divergence": divergence.frame, "price_divergence_members": divergence.members}


def quarterly(frame: pd.DataFrame) -> pd.DataFrame:
    """The last week of each quarter, with its date as a column."""
    last = frame.groupby(frame.index.to_period("Q")).tail(1).tail(NEVER_LONGER)
    return last.assign(week=last.index)


def _revenue(result: Indicators) -> list[Block]:
    frame = quarterly(result.revenue_mix)
    columns = (
        WEEK, Column("bitcoin_share", "Bitcoin", "fraction"), Column("ai_share", "AI", "fraction_fine"),
        Column("other_share", "Other", "fraction"), Column("companies", "n", "count"),
        Column("proxies", "of them\nproxy", "count"), Column("reporting", "reporting", "count"),
        Column("coverage", "Revenue covered", "fraction"), Column("ai_above_mining", "AI above mining", "count"),
        Column("crossover", "Crossover", unknown="-"),
    )  # fmt: skip
    about = (
        "Shares of recurring revenue (one-offs excluded) over the n companies whose latest known quarter has mining and AI "
        "revenue both; proxy: mining is total less the other parts. Revenue covered: their share of the revenue of all "
        "companies that report a total. AI above mining: companies. Crossover: the first calendar quarter in which AI "
        "revenue exceeded mining revenue over the companies that had reported both by that week; `screener mix` projects it."
    )
    return [TableSpec("revenue_mix", frame, columns, notes=(about,))]


def _contracts(result: Indicators) -> list[Block]:
    signed = result.contracts
    columns = (
        WEEK, Column("contracts", "Contracts", "count"), Column("value_usd", "Value", "usd_fine"),
        Column("it_mw", "Critical IT", "mw_critical_it"), Column("in_service_mw", "In service", "mw_critical_it"),
        Column("delivered_share", "Delivered", "fraction", unknown="-"), Column("companies", "Miners", "count"),
        Column("tenants", "Tenants", "count"),
    )  # fmt: skip
    about = (
        "AI contracts in force at the owner's share, miners whose enterprise value is meaningful; a contract that its owner "
        "sold or ended leaves on that day. Values and MW are sums of those announced."
    )
    latest = result.as_of
    kinds = (
        Column("kind", "Kind"), Column("contracts", "Contracts", "count"), Column("value_usd", "Value", "usd_fine"),
        Column("it_mw", "Critical IT", "mw_critical_it"),
        Column("without_value", "Value not announced", "count"), Column("without_mw", "MW not announced", "count"),
    )  # fmt: skip
    blocks: list[Block] = [TableSpec("contracts", quarterly(signed.sector), columns, notes=(about,))]
    if not signed.sector["contracts"].iloc[-1]:
        return blocks
    by_kind = _on(signed.by_kind, latest).assign(kind=lambda rows: rows["kind"].str.replace("_", " "))
    blocks.append(TableSpec("contracts_by_kind", by_kind, kinds, title=f"By kind, {day(latest)}"))
    tenants = _on(signed.by_tenant, latest).sort_values(["it_mw", "value_usd"], ascending=False, kind="stable")
    shown, rest = tenants.head(TENANTS_SHOWN), tenants.iloc[TENANTS_SHOWN:]
    notes: tuple[str, ...] = ()
    if len(rest):
        notes = (
            f"{len(rest)} smaller tenants or tenants without announced MW: {int(rest['contracts'].sum())} contracts, "
            f"{usd(rest['value_usd'].sum())}; all are in the files.",
        )
    named = (Column("tenant", "Tenant"), *kinds[1:])
    blocks.append(TableSpec("contracts_by_tenant", shown, named, title=f"By tenant, {day(latest)}", notes=notes))
    return blocks


def _power(result: Indicators) -> list[Block]:
    shown = ("secured_mw", *USES, *BESIDE)
    sector = quarterly(result.power.sector)
    sector[list(shown)] = sector[list(shown)] / MW_PER_GW
    titles = {
        "secured_mw": ("Secured", ""), "ai_in_service_mw": ("AI in service", "AI in\nservice"),
        "ai_leased_mw": ("AI leased, not in service", "AI\nleased"), "mining_mw": ("Mining", ""),
        "unused_mw": ("Without a use", "Without\na use"), "use_unknown_mw": ("Use not known", "Not\nknown"),
        "mined_until_conversion_mw": ("Leased and mined", "Leased\n+ mined"), "pipeline_mw": ("Pipeline", "Pipe-\nline"),
    }  # fmt: skip
    by_use = tuple(Column(name, titles[name][0], "number_fine", titles[name][1]) for name in shown)
    columns = (WEEK, *by_use, Column("companies", "n", "count"))
    about = (
        "GW, gross, at the owner's share, over the n miners whose secured power is known. AI in service + AI leased + "
        "mining + without a use + use not known = secured; pipeline has no approval and is not in it. Mining: operating "
        "power less AI in service, own machines and hosted ones. Leased and mined: the part of mining that runs on power "
        "leased to AI tenants until their halls are in service."
    )
    table, status = _on(result.power.table, result.as_of), _on(result.power.status, result.as_of)
    inside = (result.power.excluded.reindex(table.index) == "").to_numpy() & table["secured_mw"].notna().to_numpy()
    table, status = table[inside], status[inside]
    order = table["secured_mw"].sort_values(ascending=False, kind="stable").index
    own = (Column("ticker", ""), *(Column(name, titles[name][0], "mw", titles[name][1]) for name in shown))
    each = TableSpec(
        "power_by_company", table.loc[order], own, title=f"By company, gross MW, {day(result.as_of)}",
        status=status.loc[order, list(shown)], notes=("s stale, p proxy, n/a unknown. A parent includes the contracts of "
                                                      "the subsidiary that it consolidates.",),
    )  # fmt: skip
    rate = (
        WEEK, Column("hashrate_eh", "Listed miners", "eh_per_s"), Column("network_eh", "Network", "eh_per_s"),
        Column("share", "Share", "fraction"), Column("left_eh", "Have left", "eh_per_s"),
        Column("left_share", "of network", "fraction_fine"), Column("companies", "n", "count"),
        Column("reduced", "Reduced", "count"),
    )  # fmt: skip
    beside = (
        "Hashrate: sum of the operating hashrate known of n miners. Have left: the difference to each company's highest "
        "hashrate so far; sold machines may run on elsewhere. Reduced: companies at least a tenth below their highest."
    )
    return [
        TableSpec("power", sector, columns, notes=(about,)),
        each,
        TableSpec("hashrate", quarterly(result.hashrate), rate, title="Share of network hashrate", notes=(beside,)),
    ]


def _prices(result: Indicators) -> list[Block]:
    frame = quarterly(result.price_divergence.frame)
    level = "number_fine"
    columns = (
        WEEK, Column("ai_equal", "AI, equal weights", level, "AI\nequal"),
        Column("mining_equal", "Mining, equal weights", level, "Mining\nequal"), Column("ratio_equal", "Ratio", "number"),
        Column("ai_value", "AI, value weights", level, "AI\nvalue"),
        Column("mining_value", "Mining, value weights", level, "Mining\nvalue"), Column("ratio_value", "Ratio", "number"),
        Column("n_ai", "n AI", "count", "n\nAI"), Column("n_mining", "n mining", "count", "n\nmining"),
        Column("ratio_hindsight", "Hindsight ratio", "number", "Hind-\nsight\nratio"),
    )  # fmt: skip
    about = (
        "Price indices, 100 in the first week with a member, without dividends; equal weights and weights by equity value, "
        "rebalanced weekly. A week's members and weights are those known at its start. Ratio: AI over mining index, 1 in "
        "the first week of both. Hindsight ratio: equal weights, today's members all along; no investor could know them."
    )
    risk = (
        WEEK, Column("ai_volatility", "Volatility AI", "fraction", "Volatility\nAI"),
        Column("mining_volatility", "Volatility mining", "fraction", "Volatility\nmining"),
        Column("ai_beta_bitcoin", "Beta AI", "number", "Beta\nAI"),
        Column("mining_beta_bitcoin", "Beta mining", "number", "Beta\nmining"),
        Column("ai_weeks", "weeks AI", "count", "weeks\nAI"),
        Column("mining_weeks", "weeks mining", "count", "weeks\nmining"),
        Column("bitcoin", "Bitcoin", level),
    )  # fmt: skip
    beside = (
        "Volatility: standard deviation of weekly returns over up to 52 full weeks x sqrt(52). Beta: least squares on "
        "bitcoin's weekly returns over the same weeks. n/a: fewer than 26 weeks. Bitcoin: its index."
    )
    return [
        TableSpec("price_divergence", frame, columns, notes=(about,)),
        TableSpec("risk", frame, risk, title="Volatility and beta to bitcoin, equal weights", notes=(beside,)),
    ]


def _on(frame: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows of one date, its other level as an index or, where texts are to be changed, a column."""
    rows = frame[frame.index.get_level_values("as_of") == as_of]
    return rows.reset_index(level=1) if frame.index.names[1] != "ticker" else rows.droplevel("as_of")
