"""Company metrics: one row a company and date, every metric with its status, from facts as of the date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions, Bridge
from valuation.contracts.consolidation import as_held, parents
from valuation.contracts.schedule import by_company, schedule
from valuation.denominators import EQUITY_VALUE
from valuation.eligibility import exclusion
from valuation.freshness import BITCOIN_OLD, PRICE_OLD
from valuation.fundamentals import ai_share, capacity, dilution, enterprise_value, forward, reviews
from valuation.fundamentals.forward import named
from valuation.groups import Rule
from valuation.inputs import Inputs, on_dates
from valuation.metrics import METRICS
from valuation.mining import economics
from valuation.regression.prediction import distance_to_line
from valuation.status import Ledger

# Lines of the bridge that companies report only where they have them, by item: one that is counted and stale is marked.
OPTIONAL_LINES = {
    "lease_liabilities_finance": "finance_leases_usd",
    "preferred_equity": "preferred_equity_usd",
    "noncontrolling_interest_pct": "noncontrolling_interest_usd",
    "deferred_revenue": "customer_prepayments_usd",
    "restricted_cash": "restricted_cash_usd",
}


@dataclass(frozen=True, repr=False)
class Valuation(ResultMixin):
    """Metrics of each company on each date, with statuses, causes and the lines that they rest on.

    Attributes
    ----------
    table, status, causes, marks : DataFrame
        A row an (as_of, ticker), a column a metric of the registry (and signed_contracts, excluded). `marks` holds every
        mark of a figure, `sp` where it is both stale and a proxy.
    bridge : DataFrame
        Every line of the EV bridge, USD; NaN where not reported.
    power : DataFrame
        Megawatts and what they rest on (`capacity.denominators`).
    instruments : DataFrame
        A row an instrument outstanding: what it adds in shares and takes out of debt.
    contracts : DataFrame
        A row a contract in force: owner's value, revenue, NOI, backlog (`contracts.schedule.Schedule.contracts`).
    tranches : DataFrame
        A row a tranche of a contract: when which share of its MW starts, and whether it is in service.
    shares : DataFrame
        What the AI revenue shares rest on.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    marks: pd.DataFrame
    bridge: pd.DataFrame
    power: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    tranches: pd.DataFrame
    shares: pd.DataFrame

    def at(self, as_of: pd.Timestamp) -> Valuation:
        """The valuation of one of the dates alone."""
        return self.on([as_of])

    def on(self, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> Valuation:
        """The valuation of some of the dates alone."""
        return Valuation(**on_dates(vars(self), dates))


def value(inputs: Inputs, assumptions: Assumptions, switches: Bridge, rule: Rule) -> Valuation:
    """Company metrics of every company on every date of `inputs`.

    Parameters
    ----------
    inputs : Inputs
    assumptions, switches : the numbers and the bridge switches in force
    rule : Rule
        Who belongs to the AI group.

    Returns
    -------
    Valuation
    """
    index = inputs.index
    instruments = dilution.dilution(inputs.instruments, inputs.items["price_usd"], if_converted=switches.if_converted)
    bridge = enterprise_value.lines(inputs, dilution.by_company(instruments, index), switches)
    signed_contracts = schedule(inputs, assumptions)
    signed = by_company(as_held(signed_contracts.contracts, parents(inputs.companies)), index)
    mw = capacity.denominators(inputs, signed, assumptions)
    looked = reviews.reviewed(inputs, assumptions)
    shares = ai_share.shares(inputs.quarters, signed["contracted_revenue_usd"], looked)

    ledger = Ledger(index)
    _put_enterprise(ledger, inputs, bridge, switches)
    capacity.put(ledger, inputs, mw, signed, looked)
    _put_contracts(ledger, inputs, signed, looked)
    forward.put_completion(ledger, inputs, signed)
    ai_share.put(ledger, inputs, shares, signed["signed_contracts"] > 0, assumptions)
    mining = economics.economics(inputs, assumptions)
    forward.put_next_twelve_months(ledger, inputs, signed, shares, mining, assumptions)
    forward.put_consensus(ledger, inputs)
    _put_ratios(ledger)
    _put_added(ledger, inputs, assumptions)
    group = rule.apply(ledger.table)
    if rule.members:
        ledger.put("group", group, missing={"in none of the listed groups": group.isna()})
    else:
        ledger.put("group", group, after=[rule.metric])
    ledger.put("excluded", exclusion(inputs))
    _put_distance(ledger, assumptions)
    return Valuation(
        table=ledger.table,
        status=ledger.status,
        causes=ledger.causes,
        marks=ledger.marks,
        bridge=bridge,
        power=mw,
        instruments=instruments,
        contracts=signed_contracts.contracts,
        tranches=signed_contracts.tranches.drop(columns="row"),
        shares=shares,
    )


def _put_enterprise(ledger: Ledger, inputs: Inputs, bridge: pd.DataFrame, switches: Bridge) -> None:
    stale, items = inputs.stale, inputs.items
    ledger.put("price_usd", bridge["price_usd"], stale={PRICE_OLD: stale["price_usd"]})
    ledger.put(
        "basic_shares",
        bridge["basic_shares"],
        stale={"shares_outstanding old": stale["shares_outstanding"]},
        missing={"shares_outstanding unknown": items["shares_outstanding"].isna()},
    )
    ledger.put("diluted_shares", bridge["diluted_shares"], after=["price_usd", "basic_shares"])
    ledger.put("equity_value_usd", bridge["equity_value_usd"], after=["diluted_shares"])
    ledger.put(
        "debt_after_conversion_usd",
        bridge["debt_after_conversion_usd"],
        stale={"debt_total old": stale["debt_total"]},
        missing={"debt_total unknown": items["debt_total"].isna()},
    )
    ledger.put(
        "cash_usd",
        bridge["cash_usd"],
        stale={"cash old": stale["cash"]},
        missing={"cash unknown": items["cash"].isna()},
    )
    for optional in ("restricted_cash_usd", "noncontrolling_interest_usd"):
        ledger.put(optional, bridge[optional])
    parents = inputs.companies["consolidated_by"].dropna().to_numpy()
    is_parent = np.isin(index_tickers(inputs), parents)
    minority_unknown = is_parent & bridge["noncontrolling_interest_usd"].isna().to_numpy()
    minority_unknown &= items["noncontrolling_interest_pct"].notna().to_numpy()
    marks: dict[str, dict[str, np.ndarray]] = {
        "stale": {},
        "proxy": {},
        "missing": {"minority of a listed subsidiary unknown": minority_unknown},
    }
    for item, line in OPTIONAL_LINES.items():
        marks["stale"][f"{item} old"] = stale[item] & bridge[line].fillna(0.0).ne(0)
    at_book = items["noncontrolling_interest_pct"].isna() & items["noncontrolling_interest"].notna()
    marks["stale"]["noncontrolling_interest old"] = stale["noncontrolling_interest"] & at_book
    marks["proxy"]["minority of a listed subsidiary at book"] = is_parent & at_book
    includes = inputs.items["cash_includes_restricted"] > 0
    if switches.net_restricted_cash:
        not_added = items["restricted_cash_not_added"] > 0
        marks["proxy"]["restricted cash not added: cash may include it"] = not_added & includes
        marks["proxy"]["restricted cash not added: reported for an earlier date than cash"] = not_added & ~includes
    else:
        marks["proxy"]["restricted cash inside cash, amount unknown"] = includes
    after = ["equity_value_usd", "debt_after_conversion_usd", "cash_usd"]
    if switches.net_bitcoin:
        ledger.put(
            "bitcoin_usd",
            bridge["bitcoin_usd"],
            stale={
                "btc_held old": stale["btc_held"] & (items["btc_held"] > 0),
                BITCOIN_OLD: inputs.at_market("btc_stale") & (items["btc_held"] > 0),
            },
            missing={
                "btc_held unknown": items["btc_held"].isna(),
                "bitcoin price unknown": inputs.at_market("btc_usd").isna() & items["btc_held"].ne(0),
            },
        )
        after.append("bitcoin_usd")
        holds_ether = items["eth_held"] > 0
        no_price = inputs.at_market("eth_usd").isna()
        marks["proxy"]["ether at last reported value"] = holds_ether & no_price
        marks["stale"]["eth_fair_value old"] = holds_ether & no_price & stale["eth_fair_value"]
        marks["stale"]["eth_held old"] = holds_ether & ~no_price & stale["eth_held"]
        marks["missing"]["ether price unknown"] = holds_ether & bridge["other_coins_usd"].isna()
        if not switches.count_pledged_bitcoin:
            marks["proxy"]["btc_pledged unknown"] = items["btc_pledged"].isna() & (items["btc_held"] > 0)
    else:
        ledger.put("bitcoin_usd", bridge["bitcoin_usd"])
    ledger.put("enterprise_value_usd", bridge["enterprise_value_usd"], after=after, **marks)


def _put_contracts(ledger: Ledger, inputs: Inputs, signed: pd.DataFrame, looked: pd.Series) -> None:
    """Sums of signed contracts; of a company with none listed whose contracts nobody reviewed they are unknown."""
    no_value = named("no announced value, left out", signed["revenue_unknown"])
    nobody = {"contracts not reviewed": (signed["signed_contracts"] == 0) & ~looked}
    ledger.put("signed_contracts", signed["signed_contracts"], missing=nobody)
    for name in ("contracted_revenue_usd", "lease_revenue_usd", "cloud_revenue_usd"):
        ledger.put(name, signed[name], proxy=no_value, missing=nobody)
    ledger.put(
        "contracted_noi_usd",
        signed["contracted_noi_usd"],
        after=["contracted_revenue_usd"],
        proxy=named("margin assumed", signed["margin_assumed"]),
    )
    reported = inputs.items["backlog_reported"]
    scheduled = reported.isna().to_numpy()
    marks = named("no announced value, left out", signed["backlog_unknown"])
    marks |= named("start unknown, whole value counted", signed["backlog_upper"])
    ledger.put(
        "backlog_usd",
        reported.fillna(signed["backlog_usd"]),
        stale={"backlog_reported old": inputs.stale["backlog_reported"]},
        proxy={cause: details.where(scheduled) for cause, details in marks.items()},
        missing={cause: rows & scheduled for cause, rows in nobody.items()},
    )


def _put_ratios(ledger: Ledger) -> None:
    value = ledger["enterprise_value_usd"]
    not_positive = {"enterprise value is not positive": value <= 0}
    for one in capacity.DENOMINATORS.values():
        numerator = ledger[one.numerator] / one.scale
        marks = not_positive if one.numerator != EQUITY_VALUE else {}
        _ratio(ledger, one.metric, numerator, one.numerator, one.denominator, marks)


def _put_added(ledger: Ledger, inputs: Inputs, assumptions: Assumptions) -> None:
    """Metrics that the registry computes itself."""
    for one in METRICS.values():
        if one.compute is not None:
            values = one.compute(ledger.table, inputs, assumptions)
            ledger.put(one.name, values, after=[name for name in one.inputs if name in ledger])


def _ratio(
    ledger: Ledger,
    name: str,
    numerator: np.ndarray,
    numerator_name: str,
    denominator_name: str,
    not_meaningful: dict[str, np.ndarray],
) -> None:
    denominator = ledger[denominator_name]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(denominator > 0, numerator / denominator, np.nan)
    nothing = {
        f"{denominator_name} is zero": denominator == 0,
        f"{denominator_name} is negative": denominator < 0,
    }
    ledger.put(name, ratio, after=[numerator_name, denominator_name], not_meaningful=not_meaningful | nothing)


def _put_distance(ledger: Ledger, assumptions: Assumptions) -> None:
    """Premium of each company to the regression line through the others, date by date."""
    sample = ("ev_per_mw_secured", "ai_share_contracted")
    outside = ledger["excluded"] != ""
    inside = ~outside & ledger.usable(sample[0]) & ledger.usable(sample[1])
    shape = (len(ledger.index.levels[0]), -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ln_value = np.log(ledger[sample[0]])
    arrays = (a.reshape(shape) for a in (ln_value, ledger[sample[1]], inside))
    found = distance_to_line(*arrays, level=assumptions.confidence_level)
    for name, value in (
        ("premium_to_line", found.premium),
        ("premium_to_line_low", found.low),
        ("premium_to_line_high", found.high),
    ):
        ledger.put(
            name,
            value.ravel(),
            after=sample,
            missing={"too few companies for a line": inside & np.isnan(value.ravel())},
            not_meaningful={"outside the regression's sample": outside},
        )


def index_tickers(inputs: Inputs) -> np.ndarray:
    """The ticker of every row."""
    return inputs.index.get_level_values("ticker").to_numpy()
