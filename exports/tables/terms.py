"""The names in formulas in words, and their figures with units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.commentary.labels import plain
from exports.tables.formats import UNKNOWN, worded
from valuation.explanation.terms import ASSUMED
from valuation.groups import GROUP_NAMES
from valuation.metrics import METRICS

NOT_REPORTED = "not reported"
TITLES = {
    "new_shares": "new shares from instruments", "debt_converted_usd": "convertibles counted as shares",
    "debt_kept_usd": "convertibles kept as debt", "other_debt_usd": "other borrowings",
    "btc_usd": "bitcoin price", "hosted_in_operating_mw": "hosted MW inside", "sold_mw": "MW sold since",
    "construction_mw": "construction MW", "ai_run_rate_usd": "AI run rate",
    "ai_revenue_for_share_usd": "larger of contracted AI revenue and run rate", "prices": "share price",
    "estimates": "consensus", "instruments": "convertibles, warrants, options, units",
    "owned_gross_mw": "gross MW of contracts", "owned_it_mw": "critical IT MW of contracts",
    "owned_annual_revenue_usd": "annual revenue of contracts", "owned_noi_usd": "NOI of contracts",
    "owned_backlog_usd": "backlog of contracts", "close_usd": "last close",
    "not_counted": "not counted by the bridge switch",
    "subsidiary_equity_value_usd": "equity value of the listed subsidiary", "subsidiary_price_usd": "its price",
    "subsidiary_diluted_shares": "its diluted shares", "subsidiary_price": "share price of the listed subsidiary",
    "reported_ai_mw": "reported AI MW in service", "delivered_ai_mw": "delivered AI MW",
    "owned_in_service_mw": "delivered MW of contracts", "contracts_in_force": "AI and HPC contracts in force",
    "lease_annual_revenue_usd": "annual revenue of leases",
    "cloud_annual_revenue_usd": "annual revenue of GPU cloud contracts",
    "ntm_contract_revenue_usd": "contract revenue of the next twelve months",
    "ntm_contract_noi_usd": "contract NOI of the next twelve months",
    "owned_ntm_revenue_usd": "revenue of each contract over the next twelve months",
    "owned_ntm_noi_usd": "NOI of each contract over the next twelve months",
    "hosting_quarter_usd": "hosting revenue of the latest quarter", "revenue_estimate_usd": "published consensus revenue",
    "ebitda_estimate_usd": "published consensus EBITDA", "latest_total_usd": "total revenue of the latest quarter",
    "latest_ai_usd": "AI revenue of that quarter", "latest_one_off_usd": "one-off AI revenue of that quarter",
    "year_total_usd": "total revenue of four quarters", "year_ai_usd": "AI revenue of those quarters",
    "year_one_off_usd": "one-off AI revenue of those quarters",
    "ai_quarter_usd": "AI revenue of the latest quarter that reports it",
    "ai_quarter_one_off_usd": "one-off AI revenue of that quarter", "mining_of_quarter_usd": "mining revenue of a quarter",
    "split_mining_usd": "mining revenue of the latest quarter that reports it",
    "split_total_usd": "total revenue of the quarter with a known mix", "split_ai_usd": "its AI revenue",
    "split_hosting_usd": "its hosting revenue", "split_other_usd": "its other revenue",
    "split_one_off_usd": "its one-off AI revenue", "fleet_hashrate_eh": "fleet hashrate", "uptime": "uptime (assumption)",
    "hashrate_from_revenue_eh": "hashrate from mining revenue", "mining_quarter_usd": "mining revenue of the latest quarter",
    "quarter_hashprice_usd": "mean hashprice of that quarter",
    "network_reward_btc_per_day": "subsidy and fees of the network a day", "network_hashrate_eh": "network hashrate",
    "network": "network hashrate", "fleet_revenue_usd": "mining revenue a year at today's hashprice",
    "fleet_j_per_th": "fleet efficiency in use", "fleet_power_usd_per_kwh": "power cost in use",
    "fleet_power_cost_usd": "power cost a year", "overhead_usd": "cash overhead a year",
    "overhead_year_usd": "cash overhead of four quarters", "overhead_quarter_usd": "cash overhead of the latest quarter",
    "overhead_per_mw_usd": "median overhead per secured MW of those that report", "phases": "MW of phases",
    "value_on_line": "EV per secured MW on the line of the others", "line_intercept": "intercept", "line_slope": "slope",
    "line_quantile": "t quantile", "line_error": "standard error of a prediction in logs",
    "weight_operating": "weight of operating", "weight_construction": "weight of construction",
    "weight_secured": "weight of other secured", "weight_pipeline": "weight of pipeline",
}  # fmt: skip
# Units of figures whose name ends in none of `ENDINGS`, or in that of another unit.
UNITS = {
    "cash": "usd", "debt_total": "usd", "restricted_cash": "usd", "noncontrolling_interest": "usd",
    "backlog_reported": "usd", "shares_outstanding": "shares",
    "close_usd": "usd_per_share", "subsidiary_price_usd": "usd_per_share",
    "btc_usd": "usd_whole", "btc_held": "btc", "btc_pledged": "btc", "network_reward_btc_per_day": "btc_fine",
    "hashprice_usd": "usd_per_ph_day", "quarter_hashprice_usd": "usd_per_ph_day", "uptime": "fraction",
    "reported_ai_mw": "mw_critical_it", "delivered_ai_mw": "mw_critical_it", "owned_in_service_mw": "mw_critical_it",
    "owned_it_mw": "mw_critical_it", "value_on_line": "m_usd_per_mw_fine",
    **dict.fromkeys(("line_intercept", "line_slope", "line_quantile", "line_error"), "coefficient"),
}  # fmt: skip
ENDINGS = {
    "_usd": "usd", "_mw": "mw", "_shares": "shares", "_pct": "percent", "_eh": "eh_per_s", "_j_per_th": "j_per_th",
    "_usd_per_kwh": "usd_per_kwh",
}  # fmt: skip
# Units that `formats` does not word.
SHAPES = {
    "percent": "{:,.4g}%", "btc": "{:,.10g} BTC", "btc_fine": "{:,.1f} BTC", "usd_per_ph_day": "${:,.2f} per PH/s a day",
    "eh_per_s": "{:,.2f} EH/s", "coefficient": "{:,.4f}", "plain": "{:,.10g}",
}  # fmt: skip


def term_title(name: str) -> str:
    """A name of a formula in words: `other_debt_usd` as `other borrowings`."""
    if name.startswith(ASSUMED):
        return f"assumed {term_title(name.removeprefix(ASSUMED))}"
    words = TITLES.get(name) or plain(name)
    return (words.removesuffix("_usd") if words == name else words).replace("_", " ")


def term_figure(value: Any, name: str, status: str = "") -> str:
    """The figure of a name with its unit: `$5.2bn`; "not reported" inside a formula, n/a where a `status` is given."""
    if isinstance(value, str):
        return GROUP_NAMES.get(value, value)
    if name in METRICS and status:
        return worded(value, METRICS[name].unit, status)
    if pd.isna(value):
        return NOT_REPORTED if not status else UNKNOWN
    unit = _unit(name)
    return SHAPES[unit].format(value) if unit in SHAPES else worded(value, unit)


def _unit(name: str) -> str:
    if name in METRICS:
        return METRICS[name].unit
    if name in UNITS:
        return UNITS[name]
    ends = (unit for ending, unit in ENDINGS.items() if name.endswith(ending))
    return next(ends, "mw" if name.startswith("mw_") else "plain")
