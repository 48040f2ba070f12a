"""Funding: the gap and what raising it does to a share, interest, debt by year and months of liquidity, by hand."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from screener.known.lists import fixed_coupon
from tests.valuation.nav.plain import HOME, Plain
from tests.valuation.worlds import OCTOBER, basis, few, miners, of
from valuation.assumptions import Assumptions
from valuation.nav import analysis
from valuation.nav.analysis import NavInputs
from valuation.nav.funding import borrowings, maturities


def listed(ticker: str) -> list[dict[str, str]]:
    with (HOME / "debt.csv").open(newline="", encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if r["ticker"] == ticker and r["known_on"] <= OCTOBER]


def test_the_gap_and_a_share_after_raising_it(october):
    plain = Plain(date.fromisoformat(OCTOBER))
    for ticker in ("IREN", "HUT", "CIFR", "MARA"):
        value, row = plain.nav(ticker), of(october.funding.table, ticker)
        gap = max(0.0, -value["capex"] - value["money"])
        assert row["funding_gap_usd"] == pytest.approx(gap), ticker
        for part in (0, 30, 100):
            raised = part / 100 * gap
            a_share = (value["nav_dcf"] + raised) / (value["shares"] + raised / plain.price(ticker))
            assert row[f"nav_per_share_equity_{part}"] == pytest.approx(a_share), (ticker, part)
    assert of(october.funding.table, "HUT")["funding_gap_usd"] > 1e9
    assert of(october.funding.table, "MARA")["funding_gap_usd"] == 0


def test_a_price_above_the_net_asset_value_makes_equity_the_better_source_and_below_it_the_worse(october):
    columns = ["funding_gap_usd", "nav_per_share_equity_0", "nav_per_share_equity_100"]
    table = october.funding.table[columns].join(october.nav.table["p_nav_dcf"]).dropna()
    raises = table[table["funding_gap_usd"] > 0]
    assert len(raises) > 3
    better = raises["nav_per_share_equity_100"] > raises["nav_per_share_equity_0"]
    assert (better == (raises["p_nav_dcf"] > 1)).all()


def test_interest_and_debt_by_year_are_those_of_the_list(october):
    found = october.funding
    for ticker in ("HUT", "IREN", "RIOT", "CLSK"):
        rows = [r for r in listed(ticker) if not (len(r["matures_on"]) == 10 and r["matures_on"] < OCTOBER)]
        drawn = [r for r in rows if r["drawn"] != "unknown"]
        told = {id(r): r["coupon_pct"].removesuffix(" fixed") for r in drawn}
        stated = {key: float(text) for key, text in told.items() if text.replace(".", "").isdigit()}
        interest = sum(float(r["principal_usd"]) * stated.get(id(r), 0.0) / 100 for r in drawn)
        whole = sum(float(r["principal_usd"]) for r in drawn)
        row = of(found.table, ticker)
        assert row["interest_usd"] == pytest.approx(interest), ticker
        assert row["borrowed_usd"] == pytest.approx(whole), ticker
        known = sum(float(r["principal_usd"]) for r in drawn if id(r) in stated)
        assert row["interest_coverage"] == pytest.approx(known / whole), ticker
        mine = found.maturities[found.maturities["ticker"] == ticker].set_index("year")
        assert mine["principal_usd"].sum() == pytest.approx(whole)
        by_year = sum(float(r["principal_usd"]) for r in drawn if r["matures_on"][:4] == "2031")
        assert mine["principal_usd"].get("2031", 0.0) == pytest.approx(by_year)
    hut = found.maturities.set_index(["ticker", "year"]).loc[("HUT", "no date")]
    assert (hut["principal_usd"], hut["unknown_usd"]) == (0.0, 1.07e9)
    assert "drawn amount of a facility unknown" in of(found.causes, "HUT")["funding_gap_usd"]


def test_months_of_liquidity(october):
    plain, row = Plain(date.fromisoformat(OCTOBER)), of(october.funding.table, "HUT")
    hut = of(october.nav.table, "HUT")
    last = next(r for r in reversed(plain.network) if r["hashrate_eh_per_s"])
    rate = plain.hashrate("HUT")
    revenue = rate * 1000 * plain.hashprice(last | {"btc_usd": str(plain.btc)}) * 365.25
    cost = rate * 18.0 * 1000 * 24 * 365.25 * plain.known("HUT", "power_cost_usd_per_kwh")
    # No lease of HUT starts within the year but River Bend's from July and Beacon Point's last days; delays aside.
    need = 4 * 30.826e6 + row["interest_usd"] - (revenue - cost) - hut["next_noi_usd"]
    assert row["need_usd"] == pytest.approx(need)
    assert row["liquidity_months"] == pytest.approx(12 * (7.030714e9 + 13_602 * plain.btc) / need)
    assert 0 < hut["next_noi_usd"] < 365e6 * 0.3
    state = of(october.funding.status, "MARA")
    assert of(october.funding.table, "MARA")["need_usd"] < 0
    assert state["liquidity_months"] == "not_meaningful"


def test_what_a_row_states_as_drawn_and_what_has_matured():
    debt = pd.DataFrame(
        {
            "as_of": pd.Timestamp(OCTOBER), "ticker": "TOY",
            "instrument": ["facility", "undrawn", "notes", "unknown", "gone", "floating"],
            "principal_usd": [100.0, 50.0, 200.0, 80.0, 900.0, 40.0],
            "coupon": [0.10, 0.08, 0.05, 0.09, 0.07, None],
            "drawn": ["30", "no", None, "unknown", None, None],
            "is_preferred": False,
            "matures_on": pd.to_datetime(["2027-03-31", "2027-06-30", "2030-12-31", None, "2026-10-04", "2030-01-01"]),
        }
    )  # fmt: skip
    start = basis(few("WYFI"), OCTOBER)
    found = borrowings(replace(start.inputs, debt=debt))
    assert found["instrument"].tolist() == ["facility", "undrawn", "notes", "unknown", "floating"]
    assert found["drawn_usd"].tolist() == [30.0, 0.0, 200.0, 0.0, 40.0]
    assert found["undrawn_usd"].tolist() == [70.0, 50.0, 0.0, 0.0, 0.0]
    assert found["unknown_usd"].tolist() == [0.0, 0.0, 0.0, 80.0, 0.0]
    assert found["interest_usd"].sum() == pytest.approx(3.0 + 10.0)
    assert found["with_coupon_usd"].sum() == pytest.approx(230.0)
    by_year = maturities(found).set_index("year")["principal_usd"]
    assert by_year.to_dict() == {"2027": 30.0, "2030": 240.0, "no date": 0.0}


def test_an_undrawn_facility_that_a_row_states_closes_a_gap():
    start = basis(miners(), OCTOBER)
    inputs = start.inputs
    more = inputs.debt[inputs.debt["ticker"] == "WULF"].iloc[[0]].assign(
        instrument="toy facility", principal_usd=5e8, drawn="2e8", matures_on=pd.Timestamp("2031-01-01"), coupon=0.08
    )  # fmt: skip
    facility = replace(inputs, debt=pd.concat([inputs.debt, more], ignore_index=True))
    a = Assumptions()
    before = analysis.analyse(start, a).funding.table
    after = analysis.analyse(NavInputs(facility, start.valuation, start.sites), a).funding.table
    assert of(after, "WULF")["undrawn_usd"] == 3e8
    assert of(before, "WULF")["funding_gap_usd"] - of(after, "WULF")["funding_gap_usd"] == pytest.approx(3e8)
    assert of(after, "WULF")["interest_usd"] - of(before, "WULF")["interest_usd"] == pytest.approx(1.6e7)


def test_a_preferred_is_neither_debt_nor_interest(october):
    """Applied Digital's perpetual preferred: 1.825bn funded (its floor of 3.285bn binds from April 2028) at 12.75%."""
    row, found = of(october.funding.table, "APLD"), october.funding
    assert row["preferred_dividend_usd"] == pytest.approx(1.825e9 * 0.1275)
    drawn = [r for r in listed("APLD") if "preferred" not in r["instrument"].casefold() and r["drawn"] != "unknown"]
    assert len(drawn) == len([r for r in listed("APLD") if r["drawn"] != "unknown"]) - 1
    assert row["borrowed_usd"] == pytest.approx(sum(float(r["principal_usd"]) for r in drawn))
    interest = sum(float(r["principal_usd"]) * float(r["coupon_pct"] or 0) / 100 for r in drawn)
    assert row["interest_usd"] == pytest.approx(interest)
    assert not found.maturities["instruments"].str.contains("preferred", case=False).any()
    assert of(found.status, "HUT")["preferred_dividend_usd"] == "not_meaningful"


def test_a_fixed_coupon_in_words_is_a_number_and_any_other_text_is_none():
    told = pd.Series(
        ["6.15 fixed", "fixed 6.15%", "8 cash", "9.25", 5.5, "floating", "SOFR+2.25", "6 PIK", "10 to 12", None]
    )
    found = fixed_coupon(told)
    assert found.tolist() == pytest.approx([0.0615, 0.0615, 0.08, 0.0925, 0.055, *[float("nan")] * 5], nan_ok=True)


def test_one_funding_gap_on_every_page(october):
    """BTDR's contract without a term is in the gap and not in the net asset value: 371.8m of 663.9m."""
    book, found = october.book, october.funding
    signs = book.table["contracts"] > 0
    for name in ("capex_to_spend_usd", "funding_gap_usd"):
        both = signs & found.table[name].notna()
        assert both.sum() > 10
        pd.testing.assert_series_equal(found.table[name][both], book.table[name][both])
    btdr = of(found.table, "BTDR")
    out = october.nav.contracts.set_index("contract_id").loc["BTDR-A102-202609"]
    assert out["left_out"] == "term unknown"
    assert btdr["capex_to_spend_usd"] - btdr["valued_capex_usd"] == pytest.approx(out["capex_to_spend_usd"])
    told = [finding.text for finding in october.caveats("BTDR")]
    assert any("BTDR-A102-202609 (term unknown)" in text and "in the funding gap" in text for text in told)


def test_what_nobody_looked_up_is_unknown_and_not_zero(october):
    table, status = october.funding.table, october.funding.status
    # Nobody has gone through the contracts of SLNH.
    for name in ("capex_to_spend_usd", "funding_gap_usd", "nav_per_share_equity_100"):
        assert pd.isna(of(table, "SLNH")[name])
        assert of(status, "SLNH")[name] == "missing"
    assert of(table, "MARA")["funding_gap_usd"] == 0
    # HUT has facilities whose draw is unknown.
    assert pd.isna(of(table, "HUT")["undrawn_usd"])
    assert of(status, "HUT")["undrawn_usd"] == "missing"
    assert of(table, "HUT")["funding_gap_usd"] > 0
    # HUT's only cloud contract cannot be valued: its cloud is unknown, and the net asset value says so.
    hut, why = of(october.nav.table, "HUT"), of(october.nav.causes, "HUT")
    assert pd.isna(hut["gpu_cloud_usd"])
    assert "HUT-HIGHRISE-202409" in why["gpu_cloud_usd"]
    assert "HUT-HIGHRISE-202409" in why["nav_dcf_usd"]
    assert hut["leases_dcf_usd"] > 0
    assert hut["next_noi_usd"] > 0
    assert of(october.nav.table, "MARA")["gpu_cloud_usd"] == 0


def test_the_next_year_s_income_has_the_marks_of_leases_and_of_cloud(october):
    causes = of(october.nav.causes, "HUT")
    parts = {text for name in ("leases_dcf_usd", "gpu_cloud_usd") for text in causes[name].split("; ")}
    assert "" not in parts
    told = {text.removeprefix("gpu cloud excluded: ") for text in causes["next_noi_usd"].split("; ")}
    assert (of(october.nav.status, "HUT")["next_noi_usd"], told) == ("proxy", parts)
