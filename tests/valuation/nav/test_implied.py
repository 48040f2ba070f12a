"""What a price implies, of made-up companies by hand: cap rate, probability, value per unleased MW, conversion share."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.toys import ASSUMED, toy
from valuation.nav.flows import STREAMS
from valuation.nav.implied import NET_DEBT, _cap_rate_multiple, put
from valuation.nav.parts import Position
from valuation.status import Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
# On the day itself and at no rate a leased MW is 8m: 1.6m / 8% less 10m to build, over 1.25.
A = replace(ASSUMED, cost_of_capital_other=0.0, approved_start_years=0.0, pipeline_start_years=0.0, delay_years=0.0)


CLASSES = (
    (0, "hyperscaler", "lease", 6.0, 0.06), (0, "other", "lease", 8.5, 0.085), (1, "other", "lease", 25.5, 0.085),
    (2, "other", "gpu_cloud", 99.0, NAN), (3, "other", "lease", 77.0, 0.085), (4, "other", "lease", 3.0, 0.05),
)  # fmt: skip
HOLDERS = ("A", "A", "A", "ELSEWHERE", "B")


def companies(n: int, **changes: list[float]) -> Position:
    """Companies with 100 approved MW, 40 of them for a first deal, and nothing else: 40 x 60% + 60 x 30% = 42 MW."""
    none = np.zeros((n, len(STREAMS), 2))
    nothing = dict.fromkeys(("mining_revenue_usd", "mining_cost_usd", "bitcoin_usd", "capex_usd", "let_mw",
                             "operating_mw", "pipeline_mw", "mining_displaced", "ai_in_service_mw"), [0.0] * n)  # fmt: skip
    made = nothing | {"approved_mw": [100.0] * n, "first_deal_mw": [40.0] * n} | changes
    return toy(running=none, ahead=none, assumptions=A, **{name: np.array(values) for name, values in made.items()})


def implied(
    n: int = 1, position: Position | None = None, per_let_mw_usd: float = 2.0, contracts: tuple[str, ...] = HOLDERS,
    by_class: tuple[tuple, ...] = CLASSES, **columns: list[float],
) -> pd.DataFrame:  # fmt: skip
    """Values and, with the suffix _why, causes of what prices imply; parts that are not given are zero."""
    index = pd.MultiIndex.from_product([[DAY], list("ABCDEF"[:n])], names=["as_of", "ticker"])
    zero = [0.0] * n
    parts = dict.fromkeys(
        (*NET_DEBT, "mining_usd", "bitcoin_usd", "leases_dcf_usd", "mining_power_usd", "pipeline_usd"), zero
    )
    parts |= {"approved_power_usd": [336e6] * n, "nav_dcf_usd": [500e6] * n, "equity_value_usd": [500e6] * n}
    ledger = Ledger(index)
    for name, values in (parts | columns).items():
        optional = name in ("mining_usd", "pipeline_usd", *NET_DEBT)
        ledger.put(name, np.array(values), not_meaningful={"not reported": np.isnan(values)} if optional else {})
    rows = pd.DataFrame({"as_of": DAY, "ticker": list(contracts)})
    names = ["row", "tenant_class", "business", "forward_noi_usd", "cap_rate"]
    classes = pd.DataFrame(list(by_class), columns=names).set_index(names[:2])
    secured = SimpleNamespace(table=pd.DataFrame({"secured_mw": [50.0] * n}, index))
    put(ledger, secured, position or companies(n), classes, rows, per_let_mw_usd)
    return pd.concat([ledger.table, ledger.causes.add_suffix("_why")], axis=1).droplevel("as_of")


def test_cap_rates_assumed_and_implied():
    # At 10% instead of 8% a leased MW is 16m - 10m over 1.25 = 4.8m: 42 MW are worth 134.4m less.
    found = implied(4, equity_value_usd=[365.6e6, 500e6, 500e6, 10e6], nav_dcf_usd=[500e6, 500e6, 500e6, NAN])  # fmt: skip
    # 6 / 6%, 8.5 / 8.5% and 25.5 / 8.5%: 40 over 500.
    assert found["assumed_cap_rate"].tolist() == pytest.approx([0.08, 0.05, NAN, NAN], nan_ok=True)
    assert found["implied_cap_rate"].tolist() == pytest.approx([0.10, 0.05, NAN, NAN], nan_ok=True)
    assert found["implied_cap_rate_why"].tolist() == ["", "", "no lease signed", "nav_dcf_usd unknown; no lease signed"]
    assert found["assumed_cap_rate_why"].tolist() == ["", "", "no lease signed", "no lease signed"]
    far = implied(1, contracts=("A",), by_class=CLASSES[:1], equity_value_usd=[163.9e6])
    assert np.isnan(far.at["A", "implied_cap_rate"])
    assert far.at["A", "implied_cap_rate_why"] == "no cap rate gives this price"


def test_the_highest_and_the_lowest_cap_rate_that_is_looked_for():
    # At twice the cap rate nobody builds: 336m of 500m are gone. At a twentieth a leased MW is 312m.
    most = 500e6 + 42 * (312e6 - 8e6)
    equity = np.array([164e6, 164e6 - 1, most, most + 1e6])
    found = _cap_rate_multiple(companies(4), equity, np.full(4, 500e6))
    assert found.tolist() == pytest.approx([2.0, NAN, 0.05, NAN], nan_ok=True)
    # An unknown pipeline moves nothing.
    unknown = _cap_rate_multiple(companies(1, pipeline_mw=[NAN]), np.array([365.6e6]), np.array([500e6]))
    assert unknown.tolist() == pytest.approx([1.25])


def test_the_probability_of_leases_on_approved_power():
    # Were all of it leased for sure it would be 336m x 100 / 42 = 800m; the price asks for 336m + 64m of that.
    position = companies(4, approved_mw=[100.0, 0.0, 100.0, NAN], first_deal_mw=[40.0, 0.0, 0.0, NAN])
    found = implied(
        4, position, equity_value_usd=[564e6, 500e6, 404e6, 500e6], approved_power_usd=[336e6, 0.0, 336e6, NAN]
    )
    # Without a first deal 336m are 30% of it: 1,120m, and the price asks for 336m - 96m.
    assert found["implied_probability"].tolist() == pytest.approx([0.5, NAN, 240 / 1120, NAN], nan_ok=True)
    assert found["implied_probability_why"].tolist() == [
        "", "no approved power without a lease", "", "approved_power_usd unknown; no approved power without a lease",
    ]  # fmt: skip


def test_the_value_per_mw_without_a_lease():
    position = companies(3, approved_mw=[100.0, 0.0, 100.0], operating_mw=[60.0, 0.0, 60.0])
    found = implied(
        3, position, equity_value_usd=[560e6] * 3, approved_power_usd=[336e6, 0.0, 336e6],
        mining_power_usd=[24e6, 0.0, 24e6], pipeline_usd=[80e6, 80e6, NAN],
    )  # fmt: skip
    # 60m of the price above the value, and 440m of power that is not signed, over 160 MW.
    assert found["implied_usd_per_unlet_mw"].tolist() == pytest.approx([500e6 / 160, NAN, 420e6 / 160], nan_ok=True)
    assert found["implied_usd_per_unlet_mw_why"].tolist() == ["", "no power without a lease", ""]


def test_the_conversion_share_and_its_yardstick():
    amounts = {name: [float(2**k)] for k, name in enumerate(NET_DEBT)}
    assert sum(values[0] for values in amounts.values()) == 255
    # Money and claims (negative) come off the price with their signs: 1,000 - 70 - 30 - 255 over 50 MW at 2 each.
    found = implied(1, equity_value_usd=[1000.0], mining_usd=[70.0], bitcoin_usd=[30.0], **amounts)
    assert found.at["A", "implied_conversion_share"] == pytest.approx(645 / 100)
    some = {name: [NAN] for name in NET_DEBT} | {"cash_usd": [5.0]}
    found = implied(1, equity_value_usd=[1000.0], mining_usd=[NAN], bitcoin_usd=[30.0], **some)
    assert found.at["A", "implied_conversion_share"] == pytest.approx(965 / 100)
    assert found.at["A", "implied_conversion_share_why"] == ""
    for per_mw, why in ((NAN, "no lease signed in the sector"), (0.0, "a leased MW is valued below its construction cost"),
                        (-1.0, "a leased MW is valued below its construction cost")):  # fmt: skip
        found = implied(1, per_let_mw_usd=per_mw)
        assert found.at["A", "implied_conversion_share_why"] == why
    # A dollar a MW is little and still a value.
    found = implied(1, per_let_mw_usd=0.5, equity_value_usd=[1000.0])
    assert found.at["A", "implied_conversion_share_why"] == ""
    assert found.at["A", "implied_conversion_share"] == pytest.approx(1000 / (0.5 * 50))
