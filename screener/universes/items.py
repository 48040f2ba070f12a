"""The items that a universe's facts measure: their units, signs and definitions, file by file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """An item measured: its allowed units, whether it may be negative, and its definition."""

    units: tuple[str, ...]
    signed: bool = False
    about: str = ""


_MW = ("mw", "mw_gross", "mw_critical_it")
FINANCIAL_ITEMS: dict[str, Item] = {
    "shares_outstanding": Item(("shares",), about="basic shares on the day of the count"),
    "shares_diluted_estimate": Item(("shares",), about="a diluted count by another source, for comparison only"),
    "cash": Item(("usd",), about="unrestricted cash and equivalents"),
    "restricted_cash": Item(("usd",), about="restricted cash"),
    "cash_plus_digital_assets": Item(("usd",), about="a sum that cannot be split; not used"),
    "debt_total": Item(("usd",), about="debt, principal preferred"),
    "convertible_notes_principal": Item(("usd",), about="principal of convertibles, for comparison"),
    "convertible_notes_carrying": Item(("usd",), about="carrying value of convertibles"),
    "other_debt_carrying": Item(("usd",), about="carrying value of other debt"),
    "miner_purchase_liability": Item(("usd",), about="liability for mining machines, settled in pledged bitcoin"),
    "lease_liabilities_finance": Item(("usd",), about="finance leases"),
    "preferred_equity": Item(("usd",), about="preferred equity"),
    "noncontrolling_interest": Item(("usd",), signed=True, about="book value of minority interests"),
    "noncontrolling_interest_pct": Item(("pct",), about="percent of the listed subsidiary that others own"),
    "deferred_revenue": Item(("usd",), about="customer prepayments"),
    "backlog_reported": Item(("usd",), about="backlog as the company reports it in one figure"),
    "sga_cash": Item(
        ("usd",), about="cash overhead of the quarter: selling, general and administrative, no stock awards"
    ),
    "btc_held": Item(("btc",), about="bitcoin held, pledged included"),
    "btc_pledged": Item(("btc",), about="bitcoin pledged or lent"),
    "btc_mined": Item(("btc",), about="bitcoin mined in the quarter"),
    "btc_fair_value": Item(("usd",), about="reported fair value of bitcoin"),
    "eth_held": Item(("eth",), about="ether held"),
    "eth_fair_value": Item(("usd",), about="reported fair value of ether"),
    "revenue_total": Item(("usd",), signed=True, about="revenue of the quarter"),
    "revenue_mining": Item(("usd",), about="mining revenue of the quarter"),
    "revenue_ai_hpc": Item(("usd",), about="AI and HPC revenue of the quarter, one-offs included"),
    "revenue_ai_hpc_one_off": Item(("usd",), about="of which one-off, such as tenant fit-out"),
    "revenue_hosting": Item(("usd",), about="hosting revenue of the quarter"),
    "revenue_other": Item(("usd",), signed=True, about="other revenue of the quarter"),
    "net_income": Item(("usd",), signed=True, about="net income of the quarter"),
    "adjusted_ebitda": Item(("usd",), signed=True, about="adjusted EBITDA of the quarter"),
    "capex": Item(("usd",), signed=True, about="capital expenditure of the quarter"),
    "depreciation_amortization": Item(("usd",), about="depreciation and amortisation of the quarter"),
    "interest_expense": Item(("usd",), signed=True, about="interest expense of the quarter"),
    "power_cost_usd_per_kwh": Item(("usd_per_kwh",), signed=True, about="all-in power cost"),
    "total_assets": Item(("usd",), about="total assets"),
    "total_equity": Item(("usd",), signed=True, about="total equity"),
}
CAPACITY_ITEMS: dict[str, Item] = {
    "mw_operating": Item(_MW, about="energised power"),
    "mw_operating_ai": Item(_MW, about="of which AI"),
    "mw_operating_mining": Item(_MW, about="of which mining"),
    "mw_under_construction": Item(_MW, about="under construction"),
    "mw_secured": Item(
        _MW,
        about="gross grid power that is energised, approved or under an executed agreement, owner's share, on own or "
        "leased sites",
    ),
    "mw_hosted": Item(_MW, about="power used in the sites of others"),
    "mw_pipeline": Item(_MW, about="power without approval: applied for or optioned"),
    "mw_ai_contracted_it": Item(_MW, about="critical IT under signed contracts, as the company counts it"),
    "hashrate_eh": Item(("eh_per_s",), about="installed hashrate"),
    "hashrate_operating_eh": Item(("eh_per_s",), about="operating hashrate"),
    "fleet_efficiency_j_per_th": Item(("j_per_th",), about="fleet efficiency"),
    "gpus_installed": Item(("gpus",), about="GPUs installed"),
    "gpus_target": Item(("gpus",), about="GPUs planned"),
}
ITEMS = {"financials.csv": FINANCIAL_ITEMS, "capacity.csv": CAPACITY_ITEMS}
