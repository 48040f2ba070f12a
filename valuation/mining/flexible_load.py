"""Optimal use of a flexible site: a firm part leased to AI, an interruptible part mining or curtailed.

Exact over an hourly power-price path: a mixed-integer linear programme solved by HiGHS through scipy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions
from valuation.errors import InvalidInput
from valuation.mining.economics import HOURS_PER_YEAR, Mining, ph_per_mw

EVENING = 18.0


@dataclass(frozen=True)
class Site:
    """A flexible site. MW are gross at the meter, hours are those of the price path.

    Attributes
    ----------
    site_mw : float
        Grid connection.
    firm_mw : float
        Largest part that the grid serves in every hour, so the largest lease.
    block_mw : float
        A lease comes in whole blocks of this size.
    lease_usd_per_mw_year : float
        What a leased MW earns a year after the cost of its building; the tenant pays the power.
    hashprice_usd, j_per_th : float
        What a MWh of mining earns.
    credit_usd_per_mwh : float or ndarray (hours,)
        Paid for a MWh of the interruptible part that is not drawn when called; 0 in hours without a call.
    credit_mw : float
        Largest part that the programme takes.
    credit_hours : float
        Hours a year for which that part is paid.
    """

    site_mw: float
    firm_mw: float
    block_mw: float
    lease_usd_per_mw_year: float
    hashprice_usd: float
    j_per_th: float
    credit_usd_per_mwh: float | np.ndarray = 0.0
    credit_mw: float = 0.0
    credit_hours: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.firm_mw <= self.site_mw or self.block_mw <= 0:
            raise InvalidInput(
                f"must satisfy 0 <= firm_mw <= site_mw and block_mw > 0; got firm_mw={self.firm_mw}, "
                f"site_mw={self.site_mw}, block_mw={self.block_mw}"
            )

    @property
    def mining_usd_per_mwh(self) -> float:
        """Revenue of a MWh of mining."""
        return self.hashprice_usd * ph_per_mw(self.j_per_th) / 24.0


@dataclass(frozen=True, repr=False)
class Split(ResultMixin):
    """Optimal use of a site, USD a year.

    Attributes
    ----------
    lease_mw : float
    mining_mw, credited_mw : ndarray (hours,)
        MW mining and MW credited for curtailment in each hour.
    lease_usd, mining_usd, credit_usd, total_usd : float
        A year's worth; mining after its power.
    mining_share : float
        Mined over what the interruptible part could mine in all hours; NaN without such a part.
    all_mining_usd, most_leased_usd : float
        The same site without a lease, and with the largest one.
    """

    lease_mw: float
    mining_mw: np.ndarray
    credited_mw: np.ndarray
    lease_usd: float
    mining_usd: float
    credit_usd: float
    mining_share: float
    all_mining_usd: float
    most_leased_usd: float

    @property
    def total_usd(self) -> float:
        return self.lease_usd + self.mining_usd + self.credit_usd


def best_split(site: Site, power_usd_per_mwh: np.ndarray) -> Split:
    """Optimal split of a site between lease, mining and curtailment credits, hour by hour.

    Parameters
    ----------
    site : Site
    power_usd_per_mwh : ndarray (hours,)
        Power price of each hour; negative prices are allowed.

    Raises
    ------
    InvalidInput
        An empty path or an unknown price in it.

    Notes
    -----
    Maximise lease x L + sum over hours of (mining - price) x_h + credit_h y_h, subject to L + x_h + y_h <= site,
    y_h <= credit_mw, sum y_h <= credit_mw x credit_hours (of a path's share of a year), L <= firm, L = block x n with
    n whole, all >= 0. Given n this is a linear programme, so nothing but n is an integer.
    """
    price = np.asarray(power_usd_per_mwh, dtype=float)
    if price.ndim != 1 or price.size == 0 or not np.isfinite(price).all():
        raise InvalidInput("the power-price path must be one row of known prices, one an hour")
    whole_blocks = int(np.floor(site.firm_mw / site.block_mw + 1e-9))
    best, n = _solve(site, price, 0, whole_blocks)
    nothing, _ = _solve(site, price, 0, 0)
    most, _ = _solve(site, price, whole_blocks, whole_blocks)
    scale = HOURS_PER_YEAR / price.size
    mined, credited = best
    lease_mw = n * site.block_mw
    behind = (site.site_mw - lease_mw) * price.size
    return Split(
        lease_mw=lease_mw,
        mining_mw=mined,
        credited_mw=credited,
        lease_usd=lease_mw * site.lease_usd_per_mw_year,
        mining_usd=float(mined @ (site.mining_usd_per_mwh - price)) * scale,
        credit_usd=float(credited @ np.broadcast_to(site.credit_usd_per_mwh, price.shape)) * scale,
        mining_share=float(mined.sum() / behind) if behind > 0 else float("nan"),
        all_mining_usd=_worth(site, price, nothing, 0.0),
        most_leased_usd=_worth(site, price, most, whole_blocks * site.block_mw),
    )


def _worth(site: Site, price: np.ndarray, hours: tuple[np.ndarray, np.ndarray], lease_mw: float) -> float:
    mined, credited = hours
    by_hour = mined @ (site.mining_usd_per_mwh - price) + credited @ np.broadcast_to(
        site.credit_usd_per_mwh, price.shape
    )
    return lease_mw * site.lease_usd_per_mw_year + float(by_hour) * HOURS_PER_YEAR / price.size


def _solve(site: Site, price: np.ndarray, least: int, most: int) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """The programme with the number of blocks between two bounds: (mined, credited) MW by hour, and blocks."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    hours = price.size
    scale = HOURS_PER_YEAR / hours
    credit = np.broadcast_to(site.credit_usd_per_mwh, price.shape).astype(float)
    gain = np.concatenate([[site.block_mw * site.lease_usd_per_mw_year],
                           (site.mining_usd_per_mwh - price) * scale, credit * scale])  # fmt: skip
    one = eye_array(hours, format="csr")
    fits = hstack([csr_array(np.full((hours, 1), site.block_mw)), one, one])
    called = hstack([csr_array((1, 1 + hours)), csr_array(np.ones((1, hours)))])
    limit = np.append(np.full(hours, site.site_mw), site.credit_mw * site.credit_hours / scale)
    # HiGHS stops within a relative gap of 1e-4 unless told: the blocks would then be nearly the best.
    found = milp(
        -gain,
        constraints=LinearConstraint(vstack([fits, called]).tocsc(), -np.inf, limit),
        integrality=np.append(1, np.zeros(2 * hours)),
        bounds=Bounds(
            np.append(least, np.zeros(2 * hours)),
            np.concatenate([[most], np.full(hours, site.site_mw), np.full(hours, site.credit_mw)]),
        ),
        options={"mip_rel_gap": 0.0},
    )
    if not found.success:
        raise RuntimeError(f"the solver did not finish: {found.message}")
    return (found.x[1 : 1 + hours], found.x[1 + hours :]), round(found.x[0])


def example_prices(assumptions: Assumptions, *, hours: int = 8760) -> np.ndarray:
    """A made-up power-price path, USD per MWh: a daily swing with its high in the evening, and scarce evenings.

    No hourly prices are bundled; give real ones where the answer matters. Its mean is `site_power_usd_per_mwh`, scarce
    hours included. Seeded.
    """
    hour = np.arange(hours)
    swing = 1 + assumptions.site_daily_swing * np.cos(2 * np.pi * (hour % 24 - EVENING) / 24)
    rng = np.random.default_rng(assumptions.seed)
    evenings = np.flatnonzero(np.abs(hour % 24 - EVENING) <= 2)
    scarce = rng.choice(evenings, size=min(round(assumptions.site_scarce_share * hours), evenings.size), replace=False)
    usual = np.ones(hours, dtype=bool)
    usual[scarce] = False
    rest = assumptions.site_power_usd_per_mwh * hours - assumptions.site_scarce_usd_per_mwh * scarce.size
    path = np.full(hours, assumptions.site_scarce_usd_per_mwh)
    path[usual] = swing[usual] * rest / swing[usual].sum()
    return path


def example_site(assumptions: Assumptions, mining: Mining, site_mw: float, firm_mw: float | None = None) -> Site:
    """A site at today's hashprice and market rents, half of it firm where not given.

    A leased MW earns the market's NOI less its building cost at the exit cap rate: the building keeps its worth and
    its capital asks for a return. The mining fleet is there and asks for none.
    """
    firm = site_mw / 2 if firm_mw is None else firm_mw
    a = assumptions
    cost = (a.capex_lease_usd_per_mw + a.capex_overrun_usd_per_mw) * a.cap_rate_exit
    efficiency = mining.table.loc[mining.status["j_per_th"].isin(["ok", "stale"]), "j_per_th"]
    return Site(
        site_mw=site_mw,
        firm_mw=firm,
        block_mw=a.site_lease_block_mw,
        lease_usd_per_mw_year=(a.market_noi_usd_per_mw - cost) / a.gross_mw_per_critical_it_mw,
        hashprice_usd=float(mining.table["hashprice_usd"].unique().item()),
        j_per_th=float(efficiency.median()) if len(efficiency) else a.fleet_efficiency_j_per_th,
        credit_usd_per_mwh=a.site_credit_usd_per_mwh,
        credit_mw=site_mw - firm,
        credit_hours=a.site_credit_hours,
    )
