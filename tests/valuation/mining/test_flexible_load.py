"""The flexible site against answers found by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.worlds import january
from valuation.assumptions import Assumptions
from valuation.mining.flexible_load import Site, best_split, example_prices, example_site

HOURS_PER_YEAR = 8766.0


def tried(site: Site, price: np.ndarray) -> float:
    """The best total a year over every number of blocks; within one, the hours sorted by what a credit adds.

    A MW of the interruptible part mines where that pays. Crediting a MW in an hour adds the credit less what it would
    have mined; the programme takes the best hours first until its MWh are used.
    """
    scale = HOURS_PER_YEAR / price.size
    mines = np.maximum(site.mining_usd_per_mwh - price, 0.0)
    credit = np.broadcast_to(site.credit_usd_per_mwh, price.shape)
    best = -np.inf
    for n in range(int(site.firm_mw / site.block_mw + 1e-9) + 1):
        lease = n * site.block_mw
        behind = site.site_mw - lease
        total = lease * site.lease_usd_per_mw_year + behind * mines.sum() * scale
        left = site.credit_mw * site.credit_hours / scale
        for more in sorted(credit - mines, reverse=True):
            if more <= 0 or left <= 0:
                break
            mwh = min(site.credit_mw, behind, left)
            total += mwh * more * scale
            left -= mwh
        best = max(best, total)
    return best


SITES = st.builds(
    Site,
    site_mw=st.floats(20, 200),
    firm_mw=st.floats(0, 20),
    block_mw=st.sampled_from([2.5, 7.0, 20.0]),
    lease_usd_per_mw_year=st.floats(-1e5, 1.5e6),
    hashprice_usd=st.floats(5, 80),
    j_per_th=st.floats(12, 35),
    credit_usd_per_mwh=st.floats(0, 200),
    credit_mw=st.floats(0, 60),
    credit_hours=st.floats(0, 8766),
)
PATHS = st.lists(st.floats(-50, 500), min_size=1, max_size=12).map(np.array)


@settings(max_examples=60, deadline=None)
@given(SITES, PATHS)
def test_the_split_earns_what_trying_everything_earns(site, price):
    found = best_split(site, price)
    # The solver takes a millionth of a MW for nothing: a dollar a year.
    assert found.total_usd == pytest.approx(tried(site, price), rel=1e-9, abs=1.0)
    assert (found.mining_mw + found.credited_mw + found.lease_mw <= site.site_mw + 1e-6).all()
    assert found.lease_mw <= site.firm_mw + 1e-6


def test_without_a_lease_the_site_mines_and_is_credited():
    price, site = np.array([10.0, 90.0, 200.0]), Site(4.0, 2.0, 2.0, 4e5, 40.0, 20.0, 50.0, 2.0, HOURS_PER_YEAR)
    found = best_split(site, price)
    # 40 USD a PH/s and day at 20 J/TH earn 83.33 USD a MWh: 4 MW mine at 10 USD, and 2 MW are credited with 50 USD where
    # a MW does not mine.
    by_hour = 4 * (40 * 50 / 24 - 10) + 2 * 50 * 2
    assert found.all_mining_usd == pytest.approx(by_hour * HOURS_PER_YEAR / 3)
    assert found.all_mining_usd == pytest.approx(best_split(replace(site, firm_mw=0.0), price).total_usd)


def test_three_hours_on_a_grid_of_whole_mw():
    """Every whole-MW plan of a site of 4 MW over three hours, leases of 2 MW."""
    price = np.array([10.0, 90.0, 200.0])
    site = Site(4.0, 2.0, 2.0, 4e5, 40.0, 20.0, credit_usd_per_mwh=np.array([0.0, 50.0, 50.0]), credit_mw=2.0,
                credit_hours=HOURS_PER_YEAR / 3)  # fmt: skip
    earns = 40.0 * 50 / 24
    best = -np.inf
    for lease in (0, 2):
        for mined in itertools.product(range(5), repeat=3):
            for credited in itertools.product(range(3), repeat=3):
                if any(lease + x + y > 4 for x, y in zip(mined, credited, strict=True)) or sum(credited) > 2:
                    continue
                by_hour = sum(x * (earns - p) for x, p in zip(mined, price, strict=True))
                by_hour += sum(y * c for y, c in zip(credited, (0, 50, 50), strict=True))
                best = max(best, lease * 4e5 + by_hour * HOURS_PER_YEAR / 3)
    assert best_split(site, price).total_usd == pytest.approx(best)


def test_mining_alone_by_hand():
    # 83.33 USD a MWh mined: worth it at 20 and not at 120; no credit, no lease.
    site = Site(10.0, 0.0, 1.0, 0.0, 40.0, 20.0)
    found = best_split(site, np.array([20.0, 120.0]))
    assert found.mining_mw.tolist() == [10.0, 0.0]
    assert found.mining_usd == pytest.approx(10 * (2000 / 24 - 20) * HOURS_PER_YEAR / 2)
    assert found.mining_share == 0.5
    assert found.all_mining_usd == found.total_usd


def test_a_dear_lease_takes_all_that_is_firm_and_a_cheap_one_nothing():
    prices = np.full(24, 40.0)
    dear = best_split(Site(100, 60, 25, 2e6, 40.0, 18.0), prices)
    cheap = best_split(Site(100, 60, 25, 1e3, 40.0, 18.0), prices)
    assert (dear.lease_mw, cheap.lease_mw) == (50.0, 0.0)
    assert isinstance(dear.lease_mw, int)  # two whole blocks, whatever the solver's tolerance
    assert dear.total_usd == dear.most_leased_usd > dear.all_mining_usd
    assert cheap.total_usd == cheap.all_mining_usd > cheap.most_leased_usd


def test_a_credit_worth_more_than_mining_keeps_the_credited_part_unlet():
    # A lease of 0.5m beats mining (0.3m), a standing credit beats the lease: the best is in between.
    prices, hours = np.full(4, 60.0), HOURS_PER_YEAR
    site = Site(100, 100, 10, 5e5, 40.0, 18.0, credit_usd_per_mwh=80.0, credit_mw=30.0, credit_hours=hours)
    found = best_split(site, prices)
    assert found.lease_mw == 70.0
    assert found.credit_usd == pytest.approx(30 * 80 * hours)


@pytest.mark.parametrize("path", [[], [1.0, np.nan], [[1.0, 2.0]]])
def test_a_path_with_holes_is_refused(path):
    with pytest.raises(ValueError, match="known prices"):
        best_split(Site(10, 5, 1, 1e5, 40.0, 18.0), np.array(path))


def test_an_impossible_site_is_refused_with_its_numbers():
    with pytest.raises(ValueError, match="firm_mw=20, site_mw=10"):
        Site(10, 20, 1, 1e5, 40.0, 18.0)


def test_the_example_path_has_its_mean_and_its_scarce_hours():
    a = Assumptions()
    path = example_prices(a)
    assert path.mean() == pytest.approx(a.site_power_usd_per_mwh)
    assert (path == a.site_scarce_usd_per_mwh).sum() == round(0.01 * 8760)
    assert (example_prices(a) == path).all()


def test_the_example_site_stands_on_the_day_and_the_market():
    site = example_site(Assumptions(), january().mining, 100.0, 60.0)
    # 1.5m of NOI less 11.5m of building at 7.5%, per gross MW.
    assert site.lease_usd_per_mw_year == pytest.approx((1.5e6 - 11.5e6 * 0.075) / 1.3)
    assert site.hashprice_usd == january().mining.table["hashprice_usd"].iloc[0]
    assert site.j_per_th == 16.8


@pytest.mark.parametrize(
    ("site", "firm", "block", "allowed"),
    [(10, 10, 1, True), (10, 0, 0.5, True), (0, 0, 1, True), (10, 10.1, 1, False), (10, -0.1, 1, False), (10, 5, 0, False),
     (10, 5, -1, False)],
)  # fmt: skip
def test_which_sites_are_possible(site, firm, block, allowed):
    if allowed:
        made = Site(site, firm, block, 1e5, 40.0, 18.0)
        assert (made.credit_usd_per_mwh, made.credit_mw, made.credit_hours) == (0.0, 0.0, 0.0)
    else:
        with pytest.raises(ValueError, match="must satisfy"):
            Site(site, firm, block, 1e5, 40.0, 18.0)


def test_a_site_with_its_largest_lease_with_none_and_at_its_best():
    # 83.33 USD a MWh mined at a price of 60; a lease of 50 MW in blocks of 25, and no more.
    mined = (2000 / 24 - 60) * HOURS_PER_YEAR
    found = best_split(Site(60, 50, 25, 1e6, 40.0, 20.0), np.full(3, 60.0))
    assert (found.lease_mw, found.mining_mw.tolist(), found.mining_share) == (50.0, pytest.approx([10.0] * 3), 1.0)
    assert found.lease_usd == 50e6
    assert found.most_leased_usd == pytest.approx(50e6 + 10 * mined)
    assert found.total_usd == pytest.approx(found.most_leased_usd)
    assert found.all_mining_usd == pytest.approx(60 * mined)
    whole = best_split(Site(50, 50, 25, 1e6, 40.0, 20.0), np.full(3, 60.0))
    assert (whole.lease_mw, whole.mining_usd) == (50.0, 0.0)
    assert np.isnan(whole.mining_share)
    small = best_split(Site(0.5, 0.0, 25, 1e6, 40.0, 20.0), np.array([60.0]))
    assert small.mining_share == pytest.approx(1.0)


def test_the_day_of_the_example_path_by_hand():
    calm = replace(Assumptions(), site_power_usd_per_mwh=45.0, site_daily_swing=0.4, site_scarce_share=0.0)
    path = example_prices(calm, hours=48)
    # Highest at six in the evening, lowest at six in the morning, the mean at noon and midnight.
    assert path[[0, 6, 12, 15, 18, 42]].tolist() == pytest.approx([45, 27, 45, 45 * (1 + 0.4 * 0.5**0.5), 63, 63])
    assert len(example_prices(calm)) == 365 * 24


def test_scarce_hours_are_those_of_the_evening_and_the_mean_stays():
    scarce = replace(Assumptions(), site_power_usd_per_mwh=45.0, site_scarce_share=0.9, site_scarce_usd_per_mwh=100.0)
    path = example_prices(scarce, hours=48)
    assert np.flatnonzero(path == 100.0).tolist() == [16, 17, 18, 19, 20, 40, 41, 42, 43, 44]
    assert path.mean() == pytest.approx(45.0)
    assert path[0] / path[6] == pytest.approx(1 / 0.6)
    few = example_prices(replace(scarce, site_scarce_share=0.05), hours=48)  # 2.4 hours
    assert (few == 100.0).sum() == 2


def test_the_example_site_of_made_up_fleets():
    a = replace(Assumptions(), capex_overrun_usd_per_mw=1e6)
    table = pd.DataFrame({"hashprice_usd": 40.0, "j_per_th": [15.0, 25.0, 99.0, 21.0]})
    fleets = SimpleNamespace(table=table, status=pd.DataFrame({"j_per_th": ["ok", "stale", "proxy", "ok"]}))
    site = example_site(a, fleets, 100.0)
    assert (site.firm_mw, site.credit_mw, site.hashprice_usd, site.j_per_th) == (50.0, 50.0, 40.0, 21.0)
    assert site.lease_usd_per_mw_year == pytest.approx((1.5e6 - 12.5e6 * 0.075) / 1.3)
    assert example_site(a, fleets, 100.0, 60.0).credit_mw == 40.0
    assumed = SimpleNamespace(table=table, status=pd.DataFrame({"j_per_th": ["proxy"] * 4}))
    assert example_site(a, assumed, 100.0).j_per_th == a.fleet_efficiency_j_per_th
