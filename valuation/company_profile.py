"""One company on one date: price to EV, power, contracts and phases, history, facts used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from valuation._summary import ResultMixin, Summary, as_json, small
from valuation._words import day
from valuation.comparison.changes import Changes
from valuation.contracts.tape import credit_ladder
from valuation.errors import UnknownName
from valuation.fundamentals.company_metrics import Valuation
from valuation.fundamentals.enterprise_value import ADDED, DEDUCTED
from valuation.fundamentals.forward import consensus_years
from valuation.inputs import Inputs
from valuation.nav.analysis import NavAnalysis
from valuation.report import Report

# Lines of the bridge -> the item whose period they stand for.
BRIDGE_ITEMS = {
    "price_usd": "price_usd",
    "basic_shares": "shares_outstanding",
    "debt_after_conversion_usd": "debt_total",
    "finance_leases_usd": "lease_liabilities_finance",
    "preferred_equity_usd": "preferred_equity",
    "noncontrolling_interest_usd": "noncontrolling_interest",
    "customer_prepayments_usd": "deferred_revenue",
    "cash_usd": "cash",
    "restricted_cash_usd": "restricted_cash",
    "bitcoin_usd": "btc_held",
    "other_coins_usd": "eth_held",
}
# Lines that stand even where they are unknown; every other is left out where the company does not report it.
REQUIRED = ("equity_value_usd", "debt_after_conversion_usd", "cash_usd", "bitcoin_usd")
# What a company reports of its power, in the order of a page.
POWER_ITEMS = ("mw_operating", "mw_operating_ai", "mw_under_construction", "mw_secured", "mw_hosted", "mw_pipeline")
EVENT_COLUMNS = ("date", "kind", "headline")
HISTORY = ("price_usd", "enterprise_value_usd", "secured_mw", "ev_per_mw_secured", "ai_share_contracted",
           "backlog_usd", "ai_in_service_mw", "group")  # fmt: skip


def _no_closes() -> pd.Series:
    return pd.Series(dtype=float, index=pd.DatetimeIndex([]))


@dataclass(frozen=True, repr=False)
class CompanyProfile(ResultMixin):
    """One company on one date.

    Attributes
    ----------
    ticker, name : str
    as_of : Timestamp
    metrics, status, causes, marks : Series
        The company's row of the screen, by metric; `marks` holds every mark, `sp` where a figure is stale and a proxy.
    bridge : DataFrame
        Price to enterprise value: line, kind (`count`, `added`, `deducted`, `total`), value, period (the date that it
        stands for), status.
    instruments : DataFrame
        Convertibles, warrants, options and units outstanding: new shares, distance of the conversion or strike price.
    power : DataFrame
        item, mw, basis (`gross`, `critical IT`; `basis not stated` where the source does not say), period, stale: what
        the company reports.
    consensus : dict
        Fiscal year of the consensus used, by metric of the registry.
    contracts, tranches : DataFrame
        Signed AI contracts in force and when each part of their MW starts.
    ladder : DataFrame
        `contracts.tape.credit_ladder` of these.
    history : DataFrame
        A row a week (index as_of): `HISTORY`.
    changes : Changes or None
        Since the week before; None where there is none.
    facts : DataFrame
        Every fact used, with source and day of publication.
    freshness : DataFrame
        Age of its items in force (`freshness.ages`).
    nav : NavAnalysis
    closes : Series
        Closes by date up to that date, USD, adjusted for splits; empty where none is known.
    events : DataFrame
        Events by that date: date, kind, headline.
    """

    ticker: str
    name: str
    as_of: pd.Timestamp
    metrics: pd.Series
    status: pd.Series
    causes: pd.Series
    marks: pd.Series
    bridge: pd.DataFrame
    instruments: pd.DataFrame
    power: pd.DataFrame
    consensus: dict[str, str]
    contracts: pd.DataFrame
    tranches: pd.DataFrame
    ladder: pd.DataFrame
    history: pd.DataFrame
    changes: Changes | None
    facts: pd.DataFrame
    freshness: pd.DataFrame
    nav: NavAnalysis
    closes: pd.Series = field(default_factory=_no_closes)
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(EVENT_COLUMNS)))

    @property
    def frame(self) -> pd.DataFrame:
        """Metrics with status and causes, a row a metric."""
        return pd.DataFrame({"value": self.metrics, "status": self.status, "causes": self.causes})

    def to_dict(self) -> dict[str, Any]:
        """Everything but the analysis of all companies that it comes from, JSON-ready."""
        told = {"ticker": self.ticker, "name": self.name, "as_of": self.as_of}
        frames = ("metrics", "status", "causes", "marks", "bridge", "instruments", "power", "consensus",
                  "contracts", "tranches", "ladder",
                  "history", "facts", "freshness")  # fmt: skip
        return {name: as_json(value) for name, value in (told | {n: getattr(self, n) for n in frames}).items()}

    def _summary(self) -> Summary:
        shown = self.bridge[["line", "value", "status"]]
        return Summary(
            f"{self.name} ({self.ticker}), {day(self.as_of)}", tables=(small(shown, "Price to EV", rows=20),)
        )


def profile(
    report: Report, inputs: Inputs, history: Valuation, ticker: str, changes: Changes | None = None,
    closes: pd.DataFrame | None = None, events: pd.DataFrame | None = None,
    consensus: Mapping[str, dict[str, str]] | None = None,
) -> CompanyProfile:  # fmt: skip
    """The profile of one company of a report with net asset values.

    Parameters
    ----------
    report : Report
        With `nav`.
    inputs : Inputs
        Of the report's date.
    history : Valuation
        Weekly values up to that date.
    changes : Changes, optional
        Since the week before.
    closes : DataFrame (dates, tickers), optional
        Adjusted for splits, up to the report's date.
    events : DataFrame, optional
        ticker, date, kind, headline; those after the report's date are not used.
    consensus : mapping, optional
        `consensus_years` of the inputs, where several companies share it.

    Raises
    ------
    UnknownName
        No such ticker, or a report without net asset values.
    """
    if report.nav is None or ticker not in report.table.index:
        raise UnknownName(f"no company {ticker!r} in this report, or no net asset values")
    nav = report.nav
    contracts = nav.book.of(ticker).reset_index(drop=True)
    parts = nav.book.tranches
    weekly = history.table[list(HISTORY)]
    return CompanyProfile(
        ticker=ticker,
        name=str(report.companies.at[ticker, "name"]),
        as_of=report.as_of,
        metrics=report.table.loc[ticker],
        status=report.status.loc[ticker],
        causes=report.causes.loc[ticker],
        marks=report.marks.loc[ticker],
        bridge=_bridge(report, inputs, ticker),
        instruments=report.instruments[report.instruments["ticker"] == ticker].reset_index(drop=True),
        power=_power(report, inputs, ticker),
        consensus=(consensus_years(inputs) if consensus is None else consensus).get(ticker, {}),
        contracts=contracts,
        tranches=parts[parts["ticker"].isin(nav.book.holders(ticker))].reset_index(drop=True),
        ladder=credit_ladder(contracts),
        history=weekly.xs(ticker, level="ticker"),
        changes=changes,
        facts=report.facts[report.facts["ticker"] == ticker].reset_index(drop=True),
        freshness=report.freshness[report.freshness["ticker"] == ticker].reset_index(drop=True),
        nav=nav,
        closes=closes[ticker].dropna() if closes is not None and ticker in closes else _no_closes(),
        events=_events(events, ticker, report.as_of),
    )


def _events(events: pd.DataFrame | None, ticker: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """One company's events up to a day."""
    if events is None:
        return pd.DataFrame(columns=list(EVENT_COLUMNS))
    mine = events[(events["ticker"] == ticker) & (events["date"] <= as_of)]
    return mine[list(EVENT_COLUMNS)].reset_index(drop=True)


def _bridge(report: Report, inputs: Inputs, ticker: str) -> pd.DataFrame:
    """Line by line from the price to completed EV; a line that is not reported is left out."""
    row, periods = report.bridge.loc[ticker], inputs.periods.xs(ticker, level="ticker").iloc[0]
    status, metrics = report.status.loc[ticker], report.table.loc[ticker]
    lines = [(name, "count") for name in ("price_usd", "basic_shares", "new_shares", "diluted_shares")]
    lines += [(name, "added") for name in ADDED] + [(name, "deducted") for name in DEDUCTED]
    lines += [("enterprise_value_usd", "total")]
    rows = []
    for name, kind in lines:
        value = row[name]
        optional = kind in ("added", "deducted") and name not in REQUIRED
        if optional and (pd.isna(value) or value == 0):
            continue
        period = periods.get(BRIDGE_ITEMS.get(name, ""), pd.NaT)
        rows.append({"line": name, "kind": kind, "value": value, "period": period, "status": status.get(name, "ok")})
    for name, kind in (("capex_to_spend_usd", "added"), ("completed_ev_usd", "total")):
        rows.append({"line": name, "kind": kind, "value": metrics[name], "period": pd.NaT, "status": status[name]})
    return pd.DataFrame(rows)


def _power(report: Report, inputs: Inputs, ticker: str) -> pd.DataFrame:
    """What the company reports of its power, one row an item; NaN where it reports none."""
    names, row = list(POWER_ITEMS), inputs.items.index.get_level_values("ticker").get_loc(ticker)
    items, periods, stale, critical = (
        frame[names].iloc[row] for frame in (inputs.items, inputs.periods, inputs.stale, inputs.critical_it)
    )
    facts = report.facts.loc[report.facts["ticker"] == ticker, ["item", "unit", "evidence"]]
    told: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for item, unit, evidence in zip(facts["item"], facts["unit"], facts["evidence"], strict=True):
        told[item].append((str(unit), str(evidence)))
    basis = [_basis(told[name], name, critical=critical[name]) for name in names]
    return pd.DataFrame(
        {"item": names, "mw": items.to_numpy(), "basis": basis, "period": periods.to_numpy(), "stale": stale.to_numpy()}
    )


def _basis(told: Sequence[tuple[str, str]], item: str, *, critical: bool) -> str:
    """Gross or critical IT: by the unit of the last fact (unit, evidence), else by its evidence; power is reported gross,
    AI power either way."""
    if critical:
        return "critical IT"
    unit, evidence = told[-1] if told else ("", "")
    evidence = evidence.lower()
    if unit == "mw" and "critical it" in evidence and "gross" not in evidence:
        return "critical IT"
    return "basis not stated" if unit == "mw" and item == "mw_operating_ai" and "gross" not in evidence else "gross"


def profiles(report: Report, changes: Changes | None = None) -> dict[str, CompanyProfile]:
    """The profile of every company of a report with net asset values, in the report's order; histories of its date alone.

    Raises
    ------
    UnknownName
        A report without net asset values.
    """
    if report.nav is None:
        raise UnknownName("no net asset values in this report")
    basis = report.nav.basis
    years = consensus_years(basis.inputs)
    return {
        str(name): profile(report, basis.inputs, basis.valuation, str(name), changes, consensus=years)
        for name in report.table.index
    }
