"""The registry: each metric's name, title, unit, definition, inputs and direction.

Columns, headers, tooltips, documentation and filters all come from here.
"""

from __future__ import annotations

from dataclasses import dataclass

UNITS = {
    "usd": "USD",
    "usd_per_share": "USD per share",
    "m_usd_per_mw": "m USD per MW",
    "mw": "MW",
    "mw_critical_it": "critical IT MW",
    "shares": "shares",
    "multiple": "x",
    "fraction": "fraction",
    "count": "",
    "text": "",
}


@dataclass(frozen=True)
class Metric:
    """One definition; `direction` is 1 where more is better for a buyer, -1 where less is, 0 where neither."""

    name: str
    title: str
    unit: str
    definition: str
    inputs: tuple[str, ...]
    direction: int = 0

    @property
    def header(self) -> str:
        """Title with unit, as a column header: `EV / secured MW (m USD per MW)`."""
        unit = UNITS[self.unit]
        return f"{self.title} ({unit})" if unit else self.title


def _m(name: str, title: str, unit: str, definition: str, inputs: str, direction: int = 0) -> Metric:
    return Metric(name, title, unit, definition, tuple(inputs.split()), direction)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _m("price_usd", "Price", "usd_per_share", "Last close on or before the as-of date, as traded.", "prices"),
        _m("basic_shares", "Basic shares", "shares", "Latest known count, rolled forward, on the price's split basis.", "shares_outstanding transactions splits"),
        _m("diluted_shares", "Diluted shares", "shares", "Basic + treasury-stock warrants + in-the-money convertibles if converted.", "basic_shares instruments price_usd"),
        _m("equity_value_usd", "Equity value", "usd", "Price x diluted shares.", "price_usd diluted_shares"),
        _m("debt_after_conversion_usd", "Debt not converted", "usd", "Debt rolled forward, less the principal of convertibles counted as shares.", "debt_total transactions instruments"),
        _m("cash_usd", "Cash", "usd", "Latest known, rolled forward by dated financings.", "cash transactions"),
        _m("restricted_cash_usd", "Restricted cash", "usd", "Where reported for the cash row's date or later, and project debt drawn since.", "restricted_cash transactions"),
        _m("bitcoin_usd", "Bitcoin at spot", "usd", "Bitcoin held x the bitcoin price on the as-of date.", "btc_held btc_usd"),
        _m("noncontrolling_interest_usd", "Non-controlling interest", "usd", "Share of a listed subsidiary at market, else book.", "noncontrolling_interest_pct noncontrolling_interest"),
        _m("enterprise_value_usd", "Enterprise value", "usd", "Equity value + debt not converted + finance leases + preferred + minorities - cash - coins at spot.", "equity_value_usd debt_after_conversion_usd cash_usd bitcoin_usd"),
        _m("operating_mw", "Operating MW", "mw", "Energised gross MW.", "mw_operating"),
        _m("secured_mw", "Secured MW", "mw", "Approved or contracted grid power, gross, operating included; operating stands in where unknown (proxy).", "mw_secured mw_operating"),
        _m("weighted_mw", "Weighted MW", "mw", "Each MW by status: operating 1.0, construction 0.9, other secured 0.5, pipeline 0.15.", "mw_operating mw_under_construction mw_secured mw_pipeline"),
        _m("ai_contracted_it_mw", "Contracted AI MW", "mw_critical_it", "Critical IT MW under signed contracts, owner's share.", "contracts"),
        _m("ev_per_mw_operating", "EV / operating MW", "m_usd_per_mw", "Enterprise value over operating MW.", "enterprise_value_usd operating_mw", -1),
        _m("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw", "Enterprise value over secured MW.", "enterprise_value_usd secured_mw", -1),
        _m("ev_per_mw_weighted", "EV / weighted MW", "m_usd_per_mw", "Enterprise value over weighted MW.", "enterprise_value_usd weighted_mw", -1),
        _m("ev_per_mw_ai_contracted_it", "EV / contracted AI MW", "m_usd_per_mw", "Enterprise value over contracted critical IT MW.", "enterprise_value_usd ai_contracted_it_mw", -1),
        _m("signed_contracts", "Signed contracts", "count", "AI and HPC contracts in force on the as-of date.", "contracts"),
        _m("contracted_revenue_usd", "Contracted AI revenue a year", "usd", "Announced annual revenue, else total value / term, at the owner's share; leases and GPU cloud together.", "contracts", 1),
        _m("lease_revenue_usd", "of which leases", "usd", "Contracted revenue a year of leases (80-100% NOI margin).", "contracts", 1),
        _m("cloud_revenue_usd", "of which GPU cloud", "usd", "Contracted revenue a year of GPU cloud (before GPU depreciation).", "contracts", 1),
        _m("forward_revenue_usd", "Contracted AI and mining revenue a year", "usd", "The larger of contracted AI revenue and AI run rate, plus mining revenue x 4.", "contracts revenue_ai_hpc revenue_mining", 1),
        _m("contracted_noi_usd", "Contracted NOI a year", "usd", "Contracted revenue x margin: NOI for leases, EBITDA for GPU cloud.", "contracts", 1),
        _m("backlog_usd", "Backlog", "usd", "Part of signed total value not yet elapsed, owner's share.", "contracts", 1),
        _m("ev_to_contracted_revenue", "EV / contracted revenue", "multiple", "Enterprise value over contracted AI revenue a year.", "enterprise_value_usd contracted_revenue_usd", -1),
        _m("ev_to_revenue", "EV / AI and mining revenue", "multiple", "Enterprise value over contracted AI and mining revenue a year.", "enterprise_value_usd forward_revenue_usd", -1),
        _m("ev_to_contracted_noi", "EV / contracted NOI", "multiple", "Enterprise value over contracted NOI a year.", "enterprise_value_usd contracted_noi_usd", -1),
        _m("ev_to_backlog", "EV / backlog", "multiple", "Enterprise value over backlog.", "enterprise_value_usd backlog_usd", -1),
        _m("equity_value_to_backlog", "Equity value / backlog", "multiple", "Equity value over backlog.", "equity_value_usd backlog_usd", -1),
        _m("ai_share_trailing", "AI share, trailing quarter", "fraction", "Recurring AI over recurring total revenue of the latest reported quarter.", "revenue_ai_hpc revenue_ai_hpc_one_off revenue_total"),
        _m("ai_share_ttm", "AI share, trailing twelve months", "fraction", "The same over the last four consecutive quarters.", "revenue_ai_hpc revenue_ai_hpc_one_off revenue_total"),
        _m("ai_share_run_rate", "AI share, run rate", "fraction", "Latest recurring AI quarter x 4 over itself plus mining revenue x 4.", "revenue_ai_hpc revenue_mining"),
        _m("ai_share_contracted", "AI share, contracted", "fraction", "A / (A + mining revenue x 4), A the larger of contracted AI revenue a year and the run rate already earned.", "contracts revenue_ai_hpc revenue_mining"),
        _m("premium_to_line", "Premium to the line", "fraction", "EV per secured MW over what the line of ln(EV per secured MW) on contracted share through the other companies predicts, less 1.", "ev_per_mw_secured ai_share_contracted", -1),
        _m("premium_to_line_low", "Premium to the line, low end", "fraction", "Low end of its prediction interval (leave-one-out, t(n - 3), equal variance).", "premium_to_line", -1),
        _m("premium_to_line_high", "Premium to the line, high end", "fraction", "High end of its prediction interval: below zero, the company is cheaper than its share and the noise explain.", "premium_to_line", -1),
        _m("group", "Group", "text", "pivot or bitcoin, by the group rule of the run.", "ai_share_contracted"),
    )
}  # fmt: skip


def metric(name: str) -> Metric:
    """The metric of that name; KeyError lists the nearest names."""
    if name in METRICS:
        return METRICS[name]
    import difflib

    near = difflib.get_close_matches(name, METRICS, n=3)
    raise KeyError(f"no metric {name!r}; nearest: {', '.join(near) or 'none'}")
