"""Formulas of the metrics whose arithmetic is that of one company's own figures, by metric.

Names are metrics, lines of the EV bridge, megawatts, parts of the AI shares, items, assumptions and switches
(`explanation.terms`). `known(x)` is 0 where x is not reported, `gross(x)` an item in gross MW, `total(x)` the sum of a
column over the AI contracts that the company holds, `first(a, b)` the first that is known. A metric without a formula is
no such arithmetic.
"""

from __future__ import annotations

FORMULAS = {
    "basic_shares": "shares_outstanding",
    "diluted_shares": "basic_shares + new_shares",
    "equity_value_usd": "price_usd * diluted_shares",
    "debt_after_conversion_usd": (
        "max(debt_total - debt_converted_usd, debt_kept_usd + other_debt_usd) if debt_converted_usd > 0 else debt_total"
    ),
    "cash_usd": "cash",
    "bitcoin_usd": (
        "(btc_held - (0 if count_pledged_bitcoin else known(btc_pledged))) * btc_usd"
        " if net_bitcoin and btc_held else 0 * btc_held"
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
    "contracted_revenue_usd": "total(owned_annual_revenue_usd)",
    "contracted_noi_usd": "total(owned_noi_usd)",
    "capex_to_spend_usd": "total(capex_to_spend_usd)",
    "backlog_usd": "first(backlog_reported, total(owned_backlog_usd))",
    "ai_share_run_rate": "ai_run_rate_usd / (ai_run_rate_usd + mining_run_rate_usd)",
    "ai_share_contracted": (
        "ai_revenue_for_share_usd / (ai_revenue_for_share_usd + mining_run_rate_usd) if ai_revenue_for_share_usd"
        " else ai_revenue_for_share_usd"
    ),
}
