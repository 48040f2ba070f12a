"""The registry of metrics: each one's name, title, unit, definition, inputs and direction.

Columns, headers, tooltips, documentation and filters all come from here; multiples come from the registry of denominators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valuation.denominators import DENOMINATORS, Denominator
from valuation.errors import UnknownName
from valuation.formulas import METRIC_FORMULAS

if TYPE_CHECKING:
    import pandas as pd

    from valuation.assumptions import Assumptions
    from valuation.inputs import Inputs

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
    """One metric of the company table.

    Attributes
    ----------
    name, title, unit, definition : str
    inputs : tuple of str
        Items and metrics that it is made from.
    direction : int
        1 where more is better for a buyer, -1 where less is, 0 where neither.
    compute : callable or None
        Its values from (the company table so far, inputs, assumptions), for a metric that is added here alone; it takes
        over the statuses of those of its `inputs` that are metrics. None where the company table has it already.
    formula : str
        Its arithmetic from other figures of the company (`valuation.formulas`); empty for the group, whose condition is
        the rule's, and for a metric that is added here alone.
    """

    name: str
    title: str
    unit: str
    definition: str
    inputs: tuple[str, ...]
    direction: int = 0
    compute: Callable[[pd.DataFrame, Inputs, Assumptions], pd.Series] | None = None
    formula: str = ""

    @property
    def header(self) -> str:
        """Title with unit, as a column header: `EV / secured MW (m USD per MW)`."""
        unit = UNITS[self.unit]
        return f"{self.title} ({unit})" if unit else self.title


def _m(name: str, title: str, unit: str, definition: str, inputs: str, direction: int = 0) -> Metric:
    return Metric(
        name, title, unit, definition, tuple(inputs.split()), direction, formula=METRIC_FORMULAS.get(name, "")
    )


# In the order of every listing. A text is the key of a denominator: its multiple stands there.
ADDED = "added denominators"
_DECLARED: tuple[Metric | str, ...] = (
    _m("price_usd", "Price", "usd_per_share", "Last close on or before the as-of date, as traded.", "prices"),
    _m("basic_shares", "Basic shares", "shares", "Latest known count, rolled forward, on the price's split basis.", "shares_outstanding transactions splits"),
    _m("diluted_shares", "Diluted shares", "shares", "Basic + treasury-stock warrants + in-the-money convertibles if converted.", "basic_shares instruments price_usd"),
    _m("equity_value_usd", "Equity value", "usd", "Price x diluted shares.", "price_usd diluted_shares"),
    _m("debt_after_conversion_usd", "Debt not converted", "usd", "Debt rolled forward, less the principal of convertibles counted as shares.", "debt_total other_debt_carrying transactions instruments"),
    _m("cash_usd", "Cash", "usd", "Latest known, rolled forward by dated financings.", "cash transactions"),
    _m("restricted_cash_usd", "Restricted cash", "usd", "Where reported for the cash row's date or later and not inside cash, and project debt drawn since.", "restricted_cash transactions"),
    _m("bitcoin_usd", "Bitcoin at spot", "usd", "Bitcoin held x the bitcoin price on the as-of date.", "btc_held btc_usd"),
    _m("noncontrolling_interest_usd", "Non-controlling interest", "usd", "Share of a listed subsidiary at market, else book.", "noncontrolling_interest_pct noncontrolling_interest subsidiary_price"),
    _m("enterprise_value_usd", "Enterprise value", "usd", "Equity value + debt not converted + finance leases + preferred + minorities - cash - coins at spot.", "equity_value_usd debt_after_conversion_usd lease_liabilities_finance preferred_equity noncontrolling_interest_usd cash_usd restricted_cash_usd bitcoin_usd eth_held"),
    _m("operating_mw", "Operating MW", "mw", "Energised gross MW; hosted MW taken out where the report includes them (proxy).", "mw_operating mw_hosted"),
    _m("secured_mw", "Secured MW", "mw", "Gross grid power that is energised, approved or under an executed agreement, owner's share, less what was sold since; operating stands in where unknown, and at least the gross MW of signed leases (proxies).", "mw_secured mw_operating contracts"),
    _m("leased_mw", "Leased MW", "mw", "Gross MW of AI and HPC contracts in force, owner's share; critical IT MW x the assumed ratio where no gross is stated.", "contracts"),
    _m("leased_share", "Leased share of secured MW", "fraction", "Leased MW over secured MW.", "leased_mw secured_mw"),
    _m("hosted_mw", "Hosted MW", "mw", "Power used in others' sites or managed for others; in no secured or operating MW.", "mw_hosted"),
    _m("pipeline_mw", "Pipeline MW", "mw", "Power without approval; in no secured or operating MW.", "mw_pipeline"),
    _m("weighted_mw", "Weighted MW", "mw", "Each MW by status: operating 1.0, construction 0.9, other secured 0.5, pipeline 0.15.", "mw_operating mw_hosted mw_under_construction mw_secured mw_pipeline contracts"),
    _m("ai_contracted_it_mw", "Contracted AI MW", "mw_critical_it", "Critical IT MW under signed contracts, owner's share.", "contracts"),
    _m("ai_in_service_mw", "AI MW in service", "mw_critical_it", "Critical IT MW delivered under signed contracts, by phases, or as reported within 120 days, at most as contracted.", "contracts phases mw_operating_ai"),
    _m("capex_to_spend_usd", "Capex to spend", "usd", "Cost of the contracted MW not in service, still to spend from the day of the cash figure.", "contracts phases"),
    _m("completed_ev_usd", "Completed EV", "usd", "Enterprise value plus capex to spend.", "enterprise_value_usd capex_to_spend_usd"),
    "operating",
    "secured",
    "weighted",
    "ai_contracted_it",
    "ai_in_service",
    ADDED,
    _m("signed_contracts", "Signed contracts", "count", "AI and HPC contracts in force on the as-of date.", "contracts"),
    _m("contracted_revenue_usd", "Contracted AI revenue a year", "usd", "Announced annual revenue, else total value / term, at the owner's share; leases and GPU cloud together.", "contracts", 1),
    _m("lease_revenue_usd", "of which leases", "usd", "Contracted revenue a year of leases (80-100% NOI margin).", "contracts", 1),
    _m("cloud_revenue_usd", "of which GPU cloud", "usd", "Contracted revenue a year of GPU cloud (before GPU depreciation).", "contracts", 1),
    _m("ntm_revenue_usd", "NTM revenue", "usd", "The larger of what contracts earn in the next twelve months and AI run rate, plus mining at today's hashprice and hosting's run rate.", "contracts phases revenue_ai_hpc revenue_ai_hpc_one_off revenue_mining revenue_hosting hashrate_operating_eh hashrate_eh network btc_usd", 1),
    _m("ntm_ebitda_usd", "NTM EBITDA", "usd", "NOI (GPU cloud: EBITDA) of contracts over the next twelve months plus mining margin less cash overhead.", "contracts phases revenue_mining hashrate_operating_eh hashrate_eh fleet_efficiency_j_per_th power_cost_usd_per_kwh network btc_usd sga_cash secured_mw", 1),
    _m("contracted_noi_usd", "Contracted NOI a year", "usd", "Contracted revenue x margin: NOI for leases, EBITDA for GPU cloud.", "contracts", 1),
    _m("backlog_usd", "Backlog", "usd", "Part of signed total value not yet elapsed, owner's share; as reported where the company tells it in one figure.", "contracts backlog_reported", 1),
    _m("consensus_revenue_usd", "Consensus revenue", "usd", "Published consensus of the fiscal year that ends nearest to twelve months ahead.", "estimates", 1),
    _m("consensus_ebitda_usd", "Consensus EBITDA", "usd", "Published consensus of the fiscal year that ends nearest to twelve months ahead.", "estimates", 1),
    "ntm_revenue",
    "ntm_ebitda",
    "contracted_revenue",
    "contracted_noi",
    "backlog",
    "equity_to_backlog",
    "consensus_revenue",
    "consensus_ebitda",
    _m("ai_share_trailing", "AI share, trailing quarter", "fraction", "Recurring AI over recurring total revenue of the latest reported quarter.", "revenue_ai_hpc revenue_ai_hpc_one_off revenue_total"),
    _m("ai_share_ttm", "AI share, trailing twelve months", "fraction", "Recurring AI over recurring total revenue of the last four consecutive quarters.", "revenue_ai_hpc revenue_ai_hpc_one_off revenue_total"),
    _m("ai_share_run_rate", "AI share, run rate", "fraction", "Latest recurring AI quarter x 4 over itself plus mining revenue x 4.", "revenue_ai_hpc revenue_ai_hpc_one_off revenue_mining revenue_total revenue_hosting revenue_other"),
    _m("ai_share_contracted", "AI share, contracted", "fraction", "A / (A + mining revenue x 4), A the larger of contracted AI revenue a year and the run rate already earned.", "contracts revenue_ai_hpc revenue_ai_hpc_one_off revenue_mining revenue_total revenue_hosting revenue_other"),
    _m("premium_to_line", "Premium to the line", "fraction", "EV per secured MW over what the line of ln(EV per secured MW) on contracted share through the other companies predicts, less 1.", "ev_per_mw_secured ai_share_contracted", -1),
    _m("premium_to_line_low", "Premium to the line, low end", "fraction", "Low end of its prediction interval (leave-one-out, t(n - 3): normal noise of equal variance).", "premium_to_line", -1),
    _m("premium_to_line_high", "Premium to the line, high end", "fraction", "High end of its prediction interval: below zero, the company is cheaper than its share and the noise explain.", "premium_to_line", -1),
    _m("group", "Group", "text", "pivot (AI group) or bitcoin (mining group), by the group rule in force.", "ai_share_contracted"),
)  # fmt: skip


def _multiple(one: Denominator) -> Metric:
    inputs = (one.numerator, one.denominator)
    formula = f"{one.numerator} / {one.denominator}" + (f" / {one.scale:.0f}" if one.scale != 1 else "")
    return Metric(one.metric, one.multiple_title, one.unit, one.multiple_definition, inputs, -1, formula=formula)


def _quantity(one: Denominator) -> Metric:
    title = one.title[0].upper() + one.title[1:]
    return Metric(one.denominator, title, one.quantity_unit, one.definition or f"{title}.", one.inputs)


class _Registry(MutableMapping[str, Metric]):
    """The metrics declared here and those of the denominators, in order; read anew at every use."""

    def __init__(self) -> None:
        self._added: dict[str, Metric] = {}
        self._made: tuple[tuple[Denominator, ...], dict[str, Metric]] = ((), {})

    def _all(self) -> dict[str, Metric]:
        # Asked for each cell of a table: made anew only where the denominators are others.
        denominators = tuple(DENOMINATORS.values())
        if not self._made[1] or self._made[0] != denominators:
            self._made = (denominators, self._make())
        return self._made[1]

    def _make(self) -> dict[str, Metric]:
        placed = {entry for entry in _DECLARED if isinstance(entry, str)}
        declared = {entry.name for entry in _DECLARED if isinstance(entry, Metric)}
        out: dict[str, Metric] = {}
        for entry in _DECLARED:
            if isinstance(entry, Metric):
                out[entry.name] = entry
            elif entry == ADDED:
                more = [one for key, one in DENOMINATORS.items() if key not in placed]
                out |= {one.denominator: _quantity(one) for one in more if one.denominator not in declared}
                out |= {one.metric: _multiple(one) for one in more}
            elif entry in DENOMINATORS:
                out[DENOMINATORS[entry].metric] = _multiple(DENOMINATORS[entry])
        return out | self._added

    def __getitem__(self, name: str) -> Metric:
        return self._all()[name]

    def __setitem__(self, name: str, metric: Metric) -> None:
        self._added[name] = metric
        self._made = ((), {})

    def __delitem__(self, name: str) -> None:
        del self._added[name]
        self._made = ((), {})

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return f"<{len(self)} metrics: {', '.join(self)}>"


METRICS: MutableMapping[str, Metric] = _Registry()


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises
    ------
    UnknownName
        No such metric; the message lists the nearest names.
    """
    if name in METRICS:
        return METRICS[name]
    import difflib

    near = difflib.get_close_matches(name, METRICS, n=3)
    raise UnknownName(f"no metric {name!r}; nearest: {', '.join(near) or 'none'}")
