"""Formulas of the metrics, and of the lines between them and the facts, by name.

Names are metrics, lines of the EV bridge, megawatts, parts of the AI shares, items, assumptions and switches
(`explanation.terms`), and figures that are read (`explanation.figures`). `known(x)` is 0 where x is not reported,
`gross(x)` an item in gross MW, `total(x)` the sum of a column over the AI contracts that the company holds, `first(a, b)`
the first that is known, `assumed_x` the assumption x where an item has the same name, `not_counted` what a switch leaves
out. The group's formula is that of the rule in force (`of_group`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuation.groups import Rule

METRIC_FORMULAS = {
    "price_usd": "close_usd",
    "basic_shares": "shares_outstanding",
    "diluted_shares": "basic_shares + new_shares",
    "equity_value_usd": "price_usd * diluted_shares",
    "debt_after_conversion_usd": (
        "max(debt_total - debt_converted_usd, debt_kept_usd + other_debt_usd) if debt_converted_usd > 0 else debt_total"
    ),
    "cash_usd": "cash",
    "restricted_cash_usd": "restricted_cash if net_restricted_cash else not_counted",
    "bitcoin_usd": (
        "(btc_held - (0 if count_pledged_bitcoin else known(btc_pledged))) * btc_usd"
        " if net_bitcoin and btc_held else 0 * btc_held"
    ),
    "noncontrolling_interest_usd": (
        "first(noncontrolling_interest_pct / 100 * subsidiary_equity_value_usd, noncontrolling_interest)"
    ),
    "enterprise_value_usd": (
        "equity_value_usd + debt_after_conversion_usd + known(finance_leases_usd) + known(preferred_equity_usd)"
        " + known(noncontrolling_interest_usd) + known(customer_prepayments_usd) - cash_usd - known(restricted_cash_usd)"
        " - bitcoin_usd - known(other_coins_usd)"
    ),
    "operating_mw": "max(gross(mw_operating) - known(hosted_in_operating_mw), 0)",
    "secured_mw": (
        "leased_mw if secured_is_leased else operating_mw if secured_is_operating else max(gross(mw_secured) - sold_mw, 0)"
    ),
    "leased_share": "leased_mw / secured_mw",
    "hosted_mw": "gross(mw_hosted)",
    "pipeline_mw": "gross(mw_pipeline)",
    "weighted_mw": (
        "weight_operating * known(operating_mw) + weight_construction * known(construction_mw)"
        " + weight_secured * max(secured_mw - known(operating_mw) - known(construction_mw), 0)"
        " + weight_pipeline * known(pipeline_mw)"
    ),
    "completed_ev_usd": "enterprise_value_usd + capex_to_spend_usd",
    "leased_mw": "total(owned_gross_mw)",
    "ai_contracted_it_mw": "total(owned_it_mw)",
    "ai_in_service_mw": (
        "min(reported_ai_mw, ai_contracted_it_mw) if min(reported_ai_mw, ai_contracted_it_mw) > known(delivered_ai_mw)"
        " else delivered_ai_mw"
    ),
    "signed_contracts": "contracts_in_force",
    "contracted_revenue_usd": "total(owned_annual_revenue_usd)",
    "lease_revenue_usd": "known(total(lease_annual_revenue_usd))",
    "cloud_revenue_usd": "known(total(cloud_annual_revenue_usd))",
    "ntm_revenue_usd": (
        "max(known(ntm_contract_revenue_usd), known(ai_run_rate_usd)) + fleet_revenue_usd + 4 * known(hosting_quarter_usd)"
    ),
    "ntm_ebitda_usd": "known(ntm_contract_noi_usd) + fleet_revenue_usd - fleet_power_cost_usd - overhead_usd",
    "contracted_noi_usd": "total(owned_noi_usd)",
    "capex_to_spend_usd": "total(capex_to_spend_usd)",
    "backlog_usd": "first(backlog_reported, total(owned_backlog_usd))",
    "consensus_revenue_usd": "revenue_estimate_usd",
    "consensus_ebitda_usd": "ebitda_estimate_usd",
    "ai_share_trailing": "(latest_ai_usd - known(latest_one_off_usd)) / (latest_total_usd - known(latest_one_off_usd))",
    "ai_share_ttm": "(year_ai_usd - year_one_off_usd) / (year_total_usd - year_one_off_usd)",
    "ai_share_run_rate": "ai_run_rate_usd / (ai_run_rate_usd + mining_run_rate_usd)",
    "ai_share_contracted": (
        "ai_revenue_for_share_usd / (ai_revenue_for_share_usd + mining_run_rate_usd) if ai_revenue_for_share_usd"
        " else ai_revenue_for_share_usd"
    ),
    "premium_to_line": "ev_per_mw_secured / value_on_line - 1",
    "premium_to_line_low": "(1 + premium_to_line) / exp(line_quantile * line_error) - 1",
    "premium_to_line_high": "(1 + premium_to_line) * exp(line_quantile * line_error) - 1",
}

LINES = {
    "subsidiary_equity_value_usd": "subsidiary_price_usd * subsidiary_diluted_shares",
    "delivered_ai_mw": "total(owned_in_service_mw)",
    "ntm_contract_revenue_usd": "total(owned_ntm_revenue_usd)",
    "ntm_contract_noi_usd": "total(owned_ntm_noi_usd)",
    "ai_run_rate_usd": "4 * (ai_quarter_usd - known(ai_quarter_one_off_usd))",
    "ai_revenue_for_share_usd": "max(known(contracted_revenue_usd), known(ai_run_rate_usd))",
    "mining_of_quarter_usd": (
        "first(split_mining_usd, max(split_total_usd - known(split_ai_usd) - known(split_hosting_usd)"
        " - known(split_other_usd), 0))"
    ),
    "mining_run_rate_usd": (
        "4 * mining_of_quarter_usd / (split_total_usd - known(split_one_off_usd))"
        " * (latest_total_usd - known(latest_one_off_usd)) if mining_is_mix else 4 * mining_of_quarter_usd"
    ),
    "hashprice_usd": "network_reward_btc_per_day * btc_usd / (network_hashrate_eh * 1000)",
    "hashrate_from_revenue_eh": (
        "mining_quarter_usd / (quarter_hashprice_usd * 91) / 1000 if mining_quarter_usd else mining_quarter_usd"
    ),
    "fleet_hashrate_eh": (
        "hashrate_from_revenue_eh if hashrate_by_revenue else hashrate_eh * uptime if hashrate_by_deployed"
        " else hashrate_operating_eh"
    ),
    "fleet_revenue_usd": (
        "fleet_hashrate_eh * 1000 * hashprice_usd * 365.25 if fleet_hashrate_eh else 0 * fleet_hashrate_eh"
    ),
    "fleet_j_per_th": "first(fleet_efficiency_j_per_th, assumed_fleet_efficiency_j_per_th)",
    "fleet_power_usd_per_kwh": "first(power_cost_usd_per_kwh, assumed_power_cost_usd_per_kwh)",
    "fleet_power_cost_usd": (
        "fleet_hashrate_eh * fleet_j_per_th * fleet_power_usd_per_kwh * 1000 * 8766 if fleet_hashrate_eh"
        " else 0 * fleet_hashrate_eh"
    ),
    "overhead_usd": "first(overhead_year_usd, 4 * overhead_quarter_usd, overhead_per_mw_usd * secured_mw)",
    "value_on_line": "exp(line_intercept + line_slope * ai_share_contracted)",
}


def of_group(rule: Rule) -> str:
    """The condition of the AI group; empty where the rule lists its members."""
    return "" if rule.members else f"{rule.metric} >= {rule.threshold:.10g}"
