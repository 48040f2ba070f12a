"""What a committee should doubt about a net asset value, in words made from its numbers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from valuation.contracts.terms import CLOUD
from valuation.nav.analysis import NavAnalysis
from valuation.nav.parts import mining_value
from valuation.nav.sum_of_parts import UNSIGNED

MUCH = 0.25
DEARER = 1.4
BILLION = 1e9


def caveats(worth: NavAnalysis, ticker: str) -> list[str]:
    """Sentences about one company, gravest first; empty where it has no net asset value.

    Raises
    ------
    KeyError
        No such ticker.
    """
    nav = worth.nav
    row = nav.table.xs(ticker, level="ticker").iloc[0]
    if pd.isna(row["nav_cap_rate_usd"]):
        return [f"No net asset value: {nav.causes.xs(ticker, level='ticker')['nav_cap_rate_usd'].iloc[0]}."]
    mine = nav.contracts[(nav.contracts["ticker"] == ticker)]
    valued = mine[mine["left_out"] == ""]
    return [
        *_price(row),
        *_unsigned(worth, row),
        *_methods(row, worth.assumptions.residual_share),
        *_contracts(mine, valued),
        *_base_terms(valued),
        *_stand_ins(worth, ticker, valued),
        *_mining(worth, ticker, row),
    ]


def _price(row: pd.Series) -> list[str]:
    said = []
    if row["floor_usd"] < 0:
        said.append("The floor is below zero: what is signed and held does not cover the claims.")
    elif row["price_usd"] < row["floor_per_share"]:
        said.append("The price is below the floor: it takes the held assets for less than they are put at here.")
    if row["implied_conversion_share"] > 1:
        said.append(
            f"The price takes {row['implied_conversion_share']:.0%} of the secured power for leased at the sector's value "
            "of a let MW: it pays for more than the power that is approved."
        )
    if row["implied_probability"] > 1:
        said.append("Even certain leases on all approved power would not give the price.")
    return said


def _unsigned(worth: NavAnalysis, row: pd.Series) -> list[str]:
    unsigned = row[list(UNSIGNED)].fillna(0.0)
    said = []
    if row["nav_cap_rate_usd"] > 0 and unsigned.sum() > MUCH * row["nav_cap_rate_usd"]:
        a = worth.assumptions
        said.append(
            f"{unsigned.sum() / row['nav_cap_rate_usd']:.0%} of the net asset value is power without a lease, at "
            f"assumed chances of {a.probability_approved:.0%} (approved), {a.probability_operating:.0%} (now mining) and "
            f"{a.probability_pipeline:.0%} (pipeline)."
        )
    if unsigned["pipeline_usd"] > MUCH / 2 * abs(row["nav_cap_rate_usd"]):
        said.append(
            f"The pipeline of {row['pipeline_mw']:,.0f} MW is the company's own count and may hold power that is counted "
            "as secured too."
        )
    return said


def _methods(row: pd.Series, residual_share: float) -> list[str]:
    by_cap_rate, by_dcf = row["nav_cap_rate_usd"], row["nav_dcf_usd"]
    if abs(by_cap_rate - by_dcf) <= MUCH * abs(by_cap_rate):
        return []
    return [
        f"The methods are {abs(by_cap_rate - by_dcf) / abs(by_cap_rate):.0%} apart: a cap rate takes the rent as lasting, "
        f"the DCF {residual_share:.0%} of it after the base term."
    ]


def _contracts(mine: pd.DataFrame, valued: pd.DataFrame) -> list[str]:
    said = []
    out = mine[mine["left_out"] != ""]
    if len(out):
        names = ", ".join(f"{r.contract_id} ({r.left_out})" for r in out.itertuples())
        said.append(f"Not in it: {names}.")
    partly = valued[(valued["supported_share"] > 0) & (valued["supported_share"] < 1)]
    for row in partly.itertuples():
        said.append(
            f"{row.contract_id}: {row.guarantor} covers {row.supported_share:.0%} of the value; the rest is valued as "
            f"{row.own_class.replace('_', ' ')}."
        )
    return said


def _base_terms(valued: pd.DataFrame) -> list[str]:
    short = valued[(valued["term_usd"] < valued["capex_to_spend_usd"]) & (valued["capex_to_spend_usd"] > 0)]
    said = []
    for row in short.itertuples():
        worth, left = row.term_usd / BILLION, row.capex_to_spend_usd / BILLION
        needs = "another tenant" if row.business == CLOUD else "a renewal"
        said.append(
            f"{row.contract_id}: the base term is worth {worth:.1f} bn and {left:.1f} bn is still to spend: it needs "
            f"{needs} to pay."
        )
    return said


def _stand_ins(worth: NavAnalysis, ticker: str, valued: pd.DataFrame) -> list[str]:
    said = []
    cost, assumed = (valued[f"capex_{name}_usd"].sum() / BILLION for name in ("to_spend", "assumed"))
    if assumed > 0.05:
        said.append(f"{assumed:.1f} of the {cost:.1f} bn still to spend are assumed, not announced.")
    undated = valued[valued["start_is_assumed"]]
    if len(undated):
        said.append(f"Start assumed: {', '.join(undated['contract_id'])}.")
    return said


def _mining(worth: NavAnalysis, ticker: str, row: pd.Series) -> list[str]:
    status = worth.mining.status.xs(ticker, level="ticker")["margin_usd"].iloc[0]
    if status not in ("stale", "proxy", "missing"):
        return []
    cause = worth.mining.causes.xs(ticker, level="ticker")["margin_usd"].iloc[0]
    said = f"Mining: {cause.replace('_', ' ')}."
    if row["mining_usd"] > MUCH * abs(row["nav_cap_rate_usd"]):
        i = list(worth.nav.table.index.get_level_values("ticker")).index(ticker)
        position = worth.nav.position.row(i)
        dearer = replace(position, mining_cost_usd=position.mining_cost_usd * DEARER)
        then = float(mining_value(dearer, 1.0))
        said += (
            f" With power {DEARER - 1:.0%} dearer it is worth {then / BILLION:.2f} in place of "
            f"{row['mining_usd'] / BILLION:.2f} bn."
        )
    return [said]
