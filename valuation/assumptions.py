"""The registry of assumptions: every number a user may change, typed, with default, unit, bounds and source."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from valuation.errors import InvalidInput

ASSUMED = "assumption, no source"
# What a number of a unit may be; a field may narrow or widen it.
BOUNDS: dict[str, tuple[float, float]] = {
    "yes/no": (0, 1),
    "fraction": (0, 1),
    "correlation": (-1, 1),
    "years": (0, 100),
    "days": (0, 3650),
    "draws": (1, 10_000_000),
    "seed": (0, 2**63 - 1),
    "MW per MW": (1, 5),
    "MW": (0, 1e5),
    "USD per MW": (0, 1e9),
    "USD per MWh": (0, 1e5),
    "USD per kWh": (0, 10),
    "J per TH": (1, 500),
    "hours a year": (0, 8784),
}


def _number(
    default: Any, unit: str, title: str, source: str, *, section: str = "", low: float | None = None,
    high: float | None = None,
) -> Any:  # fmt: skip
    least, most = BOUNDS[unit]
    about: dict[str, Any] = {"unit": unit, "title": title, "source": source, "section": section}
    about |= {"low": least if low is None else low, "high": most if high is None else high}
    return field(default=default, metadata=about)


def _of(section: str) -> Callable[..., Any]:
    return lambda *about, **bounds: _number(*about, section=section, **bounds)


_power, _contracts, _mining = _of("Power"), _of("Contracts"), _of("Mining")
_nav, _spread, _site, _screen = _of("Net asset value"), _of("Simulation"), _of("Flexible site"), _of("Screen")


@dataclass(frozen=True)
class Bridge:
    """Switches of the bridge from equity value to enterprise value (METHODS section 3); printed with every result."""

    net_bitcoin: bool = _number(True, "yes/no", "Net bitcoin and other coins at spot", "METHODS 3")
    count_pledged_bitcoin: bool = _number(True, "yes/no", "Count pledged or lent bitcoin", "METHODS 3")
    net_restricted_cash: bool = _number(True, "yes/no", "Net restricted cash", "METHODS 3")
    prepayments_as_debt: bool = _number(False, "yes/no", "Treat customer prepayments as debt", "METHODS 3")
    if_converted: bool = _number(True, "yes/no", "In-the-money convertibles as shares, not debt", "METHODS 3")

    def __str__(self) -> str:
        return ", ".join(f"{k.replace('_', ' ')} {'yes' if v else 'no'}" for k, v in asdict(self).items())


@dataclass(frozen=True)
class Assumptions:
    """Assumptions: numbers that are judgement, not fact. MW of contracts are critical IT, all others gross."""

    gross_mw_per_critical_it_mw: float = _power(
        1.30, "MW per MW", "Gross MW per critical IT MW where the site's ratio is unknown", "METHODS 4"
    )
    weight_operating: float = _power(1.0, "fraction", "Weight of operating MW", "METHODS 4")
    weight_construction: float = _power(0.9, "fraction", "Weight of MW under construction", "METHODS 4")
    weight_secured: float = _power(0.5, "fraction", "Weight of other secured MW", "METHODS 4")
    weight_pipeline: float = _power(0.15, "fraction", "Weight of pipeline MW", "METHODS 4")

    noi_margin_lease: float = _contracts(
        0.85, "fraction", "NOI margin of a lease that states none (modified gross)", "METHODS 5: 0.80-0.85"
    )
    noi_margin_gpu_cloud: float = _contracts(
        0.775, "fraction", "EBITDA margin of a GPU cloud contract that states none", "METHODS 5: 0.70-0.85"
    )
    capex_lease_usd_per_mw: float = _contracts(
        11.5e6,
        "USD per MW",
        "Building cost of leased critical IT MW where not announced",
        "METHODS 10: 8-15m, midpoint",
    )
    capex_gpu_cloud_usd_per_mw: float = _contracts(
        15.0e6, "USD per MW", "Building cost of GPU cloud MW, without GPUs", "METHODS 10: liquid-cooled 15-20m, low end"
    )
    capex_gpus_usd_per_mw: float = _contracts(
        29.0e6, "USD per MW", "GPUs per MW of GPU cloud where not announced",
        "METHODS 10; IREN-Microsoft 5.8bn on 200 MW",
    )  # fmt: skip
    capex_overrun_usd_per_mw: float = _contracts(
        0.0, "USD per MW", "Added to every building cost to complete, announced or assumed", "0: none expected",
        low=-1e9,
    )  # fmt: skip
    tenant_paid_share: float = _contracts(
        0.9, "fraction", "Part of the building cost that the tenant pays where the source says it pays most of it",
        "assumption; contracts.csv says 'capex mostly paid by CoreWeave' and no figure",
    )  # fmt: skip
    gpu_life_years: float = _contracts(
        5.0, "years", "Straight-line life of GPUs",
        "assumption; gives 25% EBIT on IREN-Microsoft, METHODS 1 has about 26%", low=1.0,
    )  # fmt: skip
    build_years: float = _contracts(
        1.5, "years", "The building cost is spent evenly over this time before the start", ASSUMED, low=0.01
    )
    gpu_purchase_years: float = _contracts(
        0.5, "years", "GPUs are paid evenly over this time before the start", ASSUMED, low=0.01
    )
    start_lag_lease_years: float = _contracts(
        1.1,
        "years",
        "Announcement to start of a lease that states no start",
        "contracts.csv: median of 22 that state it",
    )
    start_lag_gpu_cloud_years: float = _contracts(
        0.3,
        "years",
        "Announcement to start of GPU cloud that states no start",
        "contracts.csv: median of 9 that state it",
    )
    ramp_years: float = _contracts(
        0.5, "years", "A contract without phases is delivered in equal monthly parts over this time from its start",
        "METHODS 5; phases.csv: the phases of a contract mostly follow within 0.1 to 0.8 years", high=5.0,
    )  # fmt: skip
    escalator_unknown: float = _contracts(
        0.025, "fraction", "Yearly step of the rent of a lease of seven years or more that discloses none",
        "METHODS 5; contracts.csv: 2.5% and 3% where disclosed", high=0.2,
    )  # fmt: skip

    uptime: float = _mining(
        0.88, "fraction", "Operating over deployed hashrate where only the deployed one is reported",
        "capacity.csv, autumn 2025: RIOT 0.88, CANG 0.87, CLSK 0.91, IREN 0.88",
    )  # fmt: skip
    fleet_efficiency_j_per_th: float = _mining(
        18.0, "J per TH", "Fleet efficiency where not reported",
        "assumption; five that report it have 15.0 to 20.5, median 16.8, the others taken as a little less efficient",
    )  # fmt: skip
    power_cost_usd_per_kwh: float = _mining(
        0.05, "USD per kWh", "Power cost of mining where not reported",
        "assumption; seven that report it have 0.031 to 0.056, median 0.040, the others taken as more expensive",
    )  # fmt: skip
    mining_life_years: float = _mining(
        4.0, "years", "Mining goes on for this long", "assumption: one halving cycle", high=30.0
    )
    hashprice_growth: float = _mining(
        -0.15, "fraction", "Growth a year of hashprice between halvings",
        "network.csv: 52.1 in May 2024 to 39.0 in January 2026, -16% a year", low=-0.9, high=1.0,
    )  # fmt: skip
    halving_recovery: float = _mining(
        0.0, "fraction", "Part of a halving's fall that miners leaving make up",
        "network.csv: reward per PH/s fell by half from March to May 2024, nothing was made up",
    )  # fmt: skip
    hashrate_refill: float = _mining(
        0.5, "fraction", "Part of the hashrate that leaves which others refill as hashprice rises", ASSUMED
    )

    cap_rate_hyperscaler: float = _nav(
        0.060,
        "fraction",
        "Cap rate, hyperscaler pays or backs",
        "JLL Q1 2026, hyperscale 5.5-6.5%, midpoint",
        low=0.005,
    )
    cap_rate_investment_grade: float = _nav(
        0.065, "fraction", "Cap rate, investment-grade tenant or guarantor", "JLL Q1 2026, colocation 6-7%, midpoint",
        low=0.005,
    )  # fmt: skip
    cap_rate_other: float = _nav(
        0.085, "fraction", "Cap rate, every other tenant",
        "assumption: JLL Q1 2026 powered shell 7-8%, midpoint, plus 1 point for an unrated tenant", low=0.005,
    )  # fmt: skip
    cap_rate_exit: float = _nav(
        0.075, "fraction", "Cap rate after the base term, and of power not yet leased",
        "JLL Q1 2026, powered shell 7-8%, midpoint", low=0.005,
    )  # fmt: skip
    cost_of_capital_hyperscaler: float = _nav(
        0.080, "fraction", "Cost of capital, hyperscaler pays or backs", "assumption: cap rate plus 2 points of growth"
    )
    cost_of_capital_investment_grade: float = _nav(
        0.085, "fraction", "Cost of capital, investment-grade tenant or guarantor",
        "assumption: cap rate plus 2 points of growth",
    )  # fmt: skip
    cost_of_capital_other: float = _nav(
        0.110, "fraction", "Cost of capital, every other tenant, and power not yet leased", ASSUMED
    )
    cost_of_capital_cloud_premium: float = _nav(
        0.030, "fraction", "Added to the cost of capital for GPU cloud", "assumption: GPU and renewal risk"
    )
    cost_of_capital_mining: float = _nav(0.150, "fraction", "Cost of capital of mining", ASSUMED)
    residual_share: float = _nav(0.5, "fraction", "Part of the income that goes on after the base term (DCF)", ASSUMED)
    delay_years: float = _nav(
        0.25, "years", "Expected delay of every start still ahead",
        "assumption; CIFR-AWS slipped by two months between announcement and first rent", high=10.0,
    )  # fmt: skip
    market_noi_usd_per_mw: float = _nav(
        1.5e6,
        "USD per MW",
        "NOI a year of a critical IT MW leased today",
        "METHODS 1: 1.2-2.3m of rent, midpoint, at 85%",
    )
    probability_first_deal: float = _nav(
        0.50, "fraction", "First deal: probability of a lease on approved power of a company that has signed none",
        "METHODS 10: 50% for a first deal, on unleased approved MW up to the median lease signed by then",
    )  # fmt: skip
    probability_approved: float = _nav(
        0.25, "fraction", "Other approved power, not in use and not leased: probability of a lease", "METHODS 10: 25%"
    )
    probability_operating: float = _nav(
        0.25, "fraction", "Power in use for mining: probability of a lease that takes the place of mining",
        "METHODS 10: 25%; mining loses the same fraction from the start of the lease",
    )  # fmt: skip
    probability_pipeline: float = _nav(
        0.05, "fraction", "Power not yet approved: probability of a lease",
        "assumption: a tenth of that of approved power; companies count their pipelines differently",
    )  # fmt: skip
    approved_start_years: float = _nav(
        3.0, "years", "Start of leases on approved power and on power in use for mining, from today", ASSUMED
    )
    pipeline_start_years: float = _nav(5.0, "years", "Start of leases on power not yet approved, from today", ASSUMED)
    cash_taxes: bool = _nav(True, "yes/no", "Income tax on contracts in the DCF", "METHODS 10: default on")
    tax_rate: float = _nav(
        0.25, "fraction", "Income tax on contracts after depreciation (DCF)",
        "METHODS 10; US federal 21% and states", high=0.9,
    )  # fmt: skip
    building_life_years: float = _nav(
        20.0, "years", "Straight-line life of buildings, for tax", "METHODS 10: 20 years", low=1.0
    )
    rent_credit_share: float = _nav(
        0.5, "fraction", "Part of each year's rent that a tenant's rent credits may take until they are used up",
        "CORZ 8-K of 21 April 2026: half of each monthly invoice", low=0.01,
    )  # fmt: skip
    overhead_multiple: float = _nav(
        6.0, "years", "Cash overhead is capitalised at this many years of it", "METHODS 10: an assumed multiple of 6",
        high=30.0,
    )  # fmt: skip

    volatility_bitcoin: float = _spread(
        0.45, "fraction", "Bitcoin price, log standard deviation of a year",
        "network.csv: 0.44 on weekly closes since January 2024", high=3.0,
    )  # fmt: skip
    volatility_hashprice: float = _spread(
        0.35, "fraction", "Hashprice, log standard deviation of a year",
        "network.csv: 0.35 on monthly means, May 2024 to January 2026", high=3.0,
    )  # fmt: skip
    volatility_cap_rate: float = _spread(
        0.10, "fraction", "Cap rates, log standard deviation", "assumption; JLL's ranges are about 8% either side",
        high=3.0,
    )  # fmt: skip
    volatility_capex: float = _spread(
        0.15, "fraction", "Capex, log standard deviation", "assumption; METHODS 10: 8-15m is 30% either side", high=3.0
    )
    volatility_delay: float = _spread(1.0, "fraction", "Delay, log standard deviation", ASSUMED, high=3.0)
    volatility_probability: float = _spread(
        0.5, "fraction", "Probability of future leases, range of the tornado", ASSUMED
    )
    correlation_bitcoin_hashprice: float = _spread(
        0.9, "correlation", "Bitcoin price and hashprice", "network.csv: 0.91 on monthly means"
    )
    correlation_bitcoin_cap_rate: float = _spread(-0.2, "correlation", "Bitcoin price and cap rates", ASSUMED)
    correlation_cap_rate_capex: float = _spread(0.1, "correlation", "Cap rates and capex", ASSUMED)
    correlation_capex_delay: float = _spread(0.5, "correlation", "Capex and delay", ASSUMED)
    common_share: float = _spread(
        0.5, "fraction", "Part of the variance of capex and delay that all companies share", ASSUMED
    )
    simulation_draws: int = _spread(10_000, "draws", "Draws of the net asset value", "convention")

    site_power_usd_per_mwh: float = _site(45.0, "USD per MWh", "Mean power price of the example path", ASSUMED)
    site_daily_swing: float = _site(
        0.4, "fraction", "Example path: swing of the day around its mean, evening high", ASSUMED
    )
    site_scarce_share: float = _site(0.01, "fraction", "Example path: part of the hours that are scarce", ASSUMED)
    site_scarce_usd_per_mwh: float = _site(1000.0, "USD per MWh", "Example path: price of a scarce hour", ASSUMED)
    site_credit_usd_per_mwh: float = _site(
        60.0, "USD per MWh", "Curtailment credit for a MWh not drawn when called", ASSUMED
    )
    site_credit_hours: float = _site(
        300.0, "hours a year", "Hours a year for which the whole interruptible part is credited", ASSUMED
    )
    site_lease_block_mw: float = _site(25.0, "MW", "Block in which power is leased, gross", ASSUMED, low=0.1)

    max_age_price_days: float = _screen(7, "days", "A price older than this is stale", "METHODS 2")
    max_age_balance_sheet_days: float = _screen(
        200, "days", "A balance sheet or flow older than this is stale", "METHODS 2"
    )
    max_age_capacity_days: float = _screen(270, "days", "A capacity older than this is stale", "METHODS 2")
    review_covers_days: float = _screen(
        120, "days", "Nothing listed means nothing signed for this long after a company's contracts were reviewed",
        "METHODS 2",
    )  # fmt: skip
    bootstrap_draws: int = _screen(9999, "draws", "Bootstrap draws behind an interval", "Efron 1987")
    confidence_level: float = _screen(0.95, "fraction", "Level of every interval", "convention", low=0.5, high=0.9999)
    seed: int = _screen(20260116, "seed", "Seed of every random draw", "declared before looking")

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Assumptions:
        """Defaults with a universe's `[defaults]` laid over them.

        Raises
        ------
        InvalidInput
            An unknown name.
        """
        known = {f.name for f in fields(cls)}
        strange = sorted(set(settings) - known)
        if strange:
            raise InvalidInput(
                f"universe.toml [defaults]: unknown {', '.join(strange)}; known: {', '.join(sorted(known))}"
            )
        return replace(cls(), **settings)

    def cap_rate(self, tenant_class: str) -> float:
        """Cap rate of a tenant class of `contracts.credit.CLASSES`."""
        return float(getattr(self, f"cap_rate_{tenant_class}"))

    def cost_of_capital(self, tenant_class: str, *, cloud: bool = False) -> float:
        """Cost of capital of a tenant class, with the premium of GPU cloud."""
        base = float(getattr(self, f"cost_of_capital_{tenant_class}"))
        return base + self.cost_of_capital_cloud_premium if cloud else base


# Titles of earlier versions, so that a workbook that one of them wrote is read back: title -> name.
FORMER_TITLES = {
    "Added to every building cost still to spend, announced or assumed": "capex_overrun_usd_per_mw",
    "Cap rate after the base term, and of power not yet let": "cap_rate_exit",
    "Cost of capital, every other tenant, and power not yet let": "cost_of_capital_other",
    "Expected slip of every start still ahead": "delay_years",
    "NOI a year of a critical IT MW let today": "market_noi_usd_per_mw",
    "Approved power, not in use and not let: probability of a lease": "probability_approved",
    "Power in use for mining: probability of a lease when the fleet is spent": "probability_operating",
    "Power in use for mining: probability of a lease at the end of the fleet's life": "probability_operating",
    "Approved power, not in use and not leased: probability of a lease": "probability_approved",
    "Start of leases on approved power, from today": "approved_start_years",
    "Probability of leases not signed, swing of the tornado": "volatility_probability",
    "Capex and slip": "correlation_capex_delay",
    "Slip, log standard deviation": "volatility_delay",
    "Part of the variance of capex and slip that all companies share": "common_share",
    "Block in which power is let, gross": "site_lease_block_mw",
}


def describe(values: Bridge | Assumptions) -> list[dict[str, Any]]:
    """One dict a number: name, title, value, unit, source, section, default, in declared order."""
    return [
        {"name": f.name, "title": f.metadata["title"], "value": getattr(values, f.name), "default": f.default}
        | {key: f.metadata[key] for key in ("unit", "source", "section")}
        for f in fields(values)
    ]


YES_OR_NO = {"yes": True, "no": False, "true": True, "false": False}


def checked(kind: type[Bridge] | type[Assumptions], name: str, value: Any) -> Any:
    """`value` as the type of the field `name`.

    Raises
    ------
    InvalidInput
        Not of the type or out of bounds; the message says what was expected.
    """
    about = kind.__dataclass_fields__[name]
    low, high, default = about.metadata["low"], about.metadata["high"], about.default
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < math.inf
    if isinstance(default, bool):
        if isinstance(value, bool) or (is_number and value in (0, 1)):
            return bool(value)
        if isinstance(value, str) and value.strip().lower() in YES_OR_NO:  # as a person types it into a cell
            return YES_OR_NO[value.strip().lower()]
        raise InvalidInput("yes or no (true or false, 1 or 0)")
    whole = isinstance(default, int)
    if not is_number or (whole and value != int(value)) or not low <= value <= high:
        kind_of = "whole number" if whole else "number"
        raise InvalidInput(f"a {kind_of} ({about.metadata['unit']}) from {low:g} to {high:g}")
    return int(value) if whole else float(value)


def differences(values: Bridge | Assumptions, base: Bridge | Assumptions) -> list[dict[str, Any]]:
    """Numbers that differ from those of `base`: name, title, unit, value, base."""
    found = zip(describe(values), describe(base), strict=True)
    return [
        {"name": a["name"], "title": a["title"], "unit": a["unit"], "value": a["value"], "base": b["value"]}
        for a, b in found
        if a["value"] != b["value"]
    ]
