"""Lists as known on a date: each condition at its day, each percent as a fraction, the latest of two told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.known.lists import (
    contracts_on,
    debt_on,
    exits_on,
    fixed_coupon,
    instruments_on,
    last_day,
    latest,
    published_by,
)
from screener.splits import days

NO_SPLITS = pd.DataFrame(
    {
        "ticker": pd.Series(dtype=object),
        "first_day_on_new_basis": pd.Series(dtype="datetime64[ns]"),
        "shares_multiplier": 1.0,
    }
)
NO_TERMS = pd.DataFrame({"contract_id": [], "column": [], "value": [], "published_on": pd.to_datetime([])})
CONTRACT = {
    "contract_id": "A-X", "ticker": "A", "announced_on": "2026-01-05", "site": "North", "kind": "colocation_lease",
    "escalator_pct": 3.0, "noi_margin_pct": 97.3, "owner_share_pct": 51.0, "prepayment_pct": 12.5, "term_years": 15.0,
    "start_on": None, "exited_on": None, "credit_support": None,
}  # fmt: skip
DATES = ("announced_on", "start_on", "exited_on", "published_on", "issued_on", "retired_on", "date", "known_on")


def rows(*changes: dict, blank: dict) -> pd.DataFrame:
    out = pd.DataFrame([{**blank, **change} for change in changes])
    for column in [name for name in DATES if name in out]:
        out[column] = pd.to_datetime(out[column]).astype("datetime64[ns]")
    return out


def contracts(*changes: dict) -> pd.DataFrame:
    return rows(*changes, blank=CONTRACT)


def dates(*told: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(told).as_unit("ns")


def ids(frame: pd.DataFrame, column: str = "contract_id") -> dict[str, list[str]]:
    return {f"{day:%m-%d}": mine[column].tolist() for day, mine in frame.groupby("as_of")}


def test_percents_of_contracts_become_fractions():
    row = contracts_on(contracts({}), NO_TERMS, dates("2026-01-05")).iloc[0]
    assert row[["escalator", "noi_margin", "owner_share", "prepayment"]].tolist() == pytest.approx(
        [0.03, 0.973, 0.51, 0.125], rel=1e-15
    )


def test_a_contract_is_in_force_from_its_announcement_to_the_day_before_its_exit():
    made = contracts({}, {"contract_id": "A-Y", "exited_on": "2026-02-10"})
    days_told = dates("2026-01-04", "2026-01-05", "2026-02-09", "2026-02-10")
    assert ids(contracts_on(made, NO_TERMS, days_told)) == {
        "01-05": ["A-X", "A-Y"], "02-09": ["A-X", "A-Y"], "02-10": ["A-X"],
    }  # fmt: skip
    none = rows({}, blank={"ticker": "A", "date": "2026-01-01", "published_on": "2026-01-01", "kind": "raise"})
    assert ids(exits_on(made, NO_TERMS, none, days_told)) == {"02-10": ["A-Y"]}


def test_terms_hold_from_their_publication_and_the_latest_of_two_stands():
    terms = rows(
        {"value": "20", "published_on": "2026-03-01"},
        {"value": "12", "published_on": "2026-02-01"},
        {"column": "start_on", "value": "2027-06-30", "published_on": "2026-02-01"},
        {"column": "credit_support", "value": "letter of credit", "published_on": "2026-02-01"},
        {"contract_id": "unknown", "value": "1", "published_on": "2026-01-01"},
        blank={"contract_id": "A-X", "column": "term_years"},
    )
    made = contracts({}, {"contract_id": "A-Y", "term_years": 7.0})
    found = contracts_on(made, terms, dates("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"))
    of_x = found[found["contract_id"] == "A-X"]
    assert of_x["term_years"].tolist() == [15.0, 12.0, 12.0, 20.0]
    assert of_x["start_on"].isna().tolist() == [True, False, False, False]
    assert of_x["start_on"].iloc[1] == pd.Timestamp("2027-06-30")
    assert of_x["credit_support"].iloc[1:].tolist() == ["letter of credit"] * 3
    assert found.loc[found["contract_id"] == "A-Y", "term_years"].tolist() == [7.0] * 4


SALE = {"ticker": "A", "date": "2026-02-10", "published_on": "2026-02-10", "kind": "site_sale"}


@pytest.mark.parametrize(
    ("contract", "sale", "again", "sold"),
    [
        ({}, {"kind": "raise"}, None, False),  # a lease that merely ended
        ({}, {}, None, True),
        ({}, {"kind": "jv_exit"}, None, True),
        ({}, {"published_on": "2026-02-11"}, None, False),  # not public yet
        ({}, {"date": "2026-02-09"}, None, False),  # another day's sale
        ({}, {"ticker": "B"}, None, False),
        ({"kind": "jv_lease"}, {"kind": "raise"}, None, True),
        ({}, {}, {"announced_on": "2026-02-10"}, False),  # announced again on the same site and day
        ({}, {}, {"announced_on": "2026-02-10", "site": "South"}, True),
        ({}, {}, {"announced_on": "2026-02-09"}, True),
    ],
)
def test_power_leaves_with_a_sale_of_the_day_unless_the_site_is_let_again(contract, sale, again, sold):
    made = contracts({"exited_on": "2026-02-10"} | contract, *([{"contract_id": "A-Z"} | again] if again else []))
    out = exits_on(made, NO_TERMS, rows(sale, blank=SALE), dates("2026-02-10"))
    assert out["contract_id"].tolist() == ["A-X"]
    assert out["sold"].tolist() == [sold]


INSTRUMENT = {
    "ticker": "A", "instrument": "note", "issued_on": "2026-01-05", "published_on": "2026-01-07", "matures_year": None,
    "quantity": 100.0, "price_usd": 9.0, "retired_on": None,
}  # fmt: skip


def instruments(told: pd.DatetimeIndex, *changes: dict, splits: pd.DataFrame = NO_SPLITS) -> pd.DataFrame:
    made = rows(*changes, blank=INSTRUMENT)
    made["matures_year"] = made["matures_year"].astype(float)
    price_day = np.repeat(days(told)[:, None], 2, axis=1)
    return instruments_on(made, splits, pd.Index(["A", "B"]), told, price_day)


def test_an_instrument_counts_from_issue_and_publication_to_the_day_before_it_is_retired():
    told = dates("2026-01-04", "2026-01-06", "2026-01-07", "2026-03-01", "2026-03-02")
    changes = ({}, {"instrument": "gone", "retired_on": "2026-03-02"},
               {"instrument": "later", "issued_on": "2026-03-01"}, {"instrument": "other", "ticker": "Z"})  # fmt: skip
    assert ids(instruments(told, *changes), "instrument") == {
        "01-07": ["note", "gone"], "03-01": ["note", "gone", "later"], "03-02": ["note", "later"],
    }  # fmt: skip


def test_an_instrument_counts_through_the_year_of_its_maturity():
    told = dates("2029-12-31", "2030-12-31", "2031-01-01")
    assert instruments(told, {"matures_year": 2030})["as_of"].tolist() == list(told[:2])


def test_terms_of_an_instrument_are_on_the_basis_of_the_price():
    splits = pd.DataFrame(
        {"ticker": ["A"], "first_day_on_new_basis": pd.to_datetime(["2026-02-02"]), "shares_multiplier": [0.1]}
    )
    out = instruments(dates("2026-02-01", "2026-02-02"), {}, splits=splits)
    assert out["price_usd"].tolist() == pytest.approx([9.0, 90.0])
    assert out["quantity"].tolist() == pytest.approx([100.0, 10.0])


def test_the_latest_row_published_by_then_is_taken_of_each_key():
    made = rows(
        {"value": 3.0, "published_on": "2026-03-01"},
        {"value": 2.0, "published_on": "2026-02-01"},
        {"value": 9.0, "published_on": "2026-02-15", "metric": "ebitda"},
        blank={"ticker": "A", "metric": "revenue", "file": "estimates.csv", "line": 2},
    )
    out = latest(made, ["ticker", "metric"], "published_on", dates("2026-01-31", "2026-02-01", "2026-03-01"))
    assert [(f"{r.as_of:%m-%d}", r.metric, r.value) for r in out.itertuples()] == [
        ("02-01", "revenue", 2.0), ("03-01", "revenue", 3.0), ("03-01", "ebitda", 9.0),
    ]  # fmt: skip
    assert not {"file", "line"} & set(out)
    assert len(latest(made.iloc[:0], ["ticker", "metric"], "published_on", dates("2026-03-01"))) == 0


def test_rows_are_published_on_their_day():
    made = rows({"published_on": "2026-02-01"}, {"published_on": "2026-02-03"}, blank={"contract_id": "A-X"})
    out = published_by(
        made, ["contract_id", "published_on"], dates("2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03")
    )
    assert {day: len(mine) for day, mine in ids(out).items()} == {"02-01": 1, "02-02": 1, "02-03": 2}


def test_a_borrowing_has_a_coupon_a_last_day_and_whether_it_is_preferred():
    made = rows(
        {"instrument": "Notes 2030", "coupon_pct": "7.25", "matures_on": "2030"},
        {"instrument": "Perpetual PREFERRED", "coupon_pct": "12.75", "matures_on": None,
         "seniority": "floor binds on redemption from 2028-04-06"},
        {"instrument": "Loan", "coupon_pct": "SOFR + 3", "matures_on": "2028-02",
         "seniority": "redemption from 2027-01-01"},
        blank={"ticker": "A", "known_on": "2026-01-05", "seniority": None},
    )  # fmt: skip
    out = debt_on(made, pd.Index(["A"]), dates("2026-01-05")).set_index("instrument")
    assert out["coupon"].fillna(-1.0).tolist() == pytest.approx([0.0725, 0.1275, -1.0])
    assert out["is_preferred"].tolist() == [False, True, False]
    assert out.at["Notes 2030", "matures_on"] == pd.Timestamp("2030-12-31")
    assert out.at["Loan", "matures_on"] == pd.Timestamp("2028-02-29")
    assert out.at["Perpetual PREFERRED", "redeemable_from"] == pd.Timestamp("2028-04-06")
    assert out["redeemable_from"].notna().sum() == 1  # a loan's is no preferred's
    assert len(debt_on(made, pd.Index(["B"]), dates("2026-01-05"))) == 0


@pytest.mark.parametrize(
    ("told", "expected"),
    [("5", 0.05), ("7.25%", 0.0725), ("cash 8 % fixed", 0.08), ("Fixed 6.5", 0.065), ("0", 0.0), ("SOFR+3", np.nan),
     ("8 PIK", np.nan), ("5 to 7", np.nan), ("", np.nan), (None, np.nan), (4.5, 0.045)],
)  # fmt: skip
def test_a_coupon_is_one_fixed_number(told, expected):
    assert fixed_coupon(pd.Series([told], dtype=object)).tolist() == pytest.approx([expected], nan_ok=True, rel=1e-15)


@pytest.mark.parametrize(
    ("told", "expected"),
    [("2030", "2030-12-31"), ("2028-02", "2028-02-29"), ("2028-02-03", "2028-02-03"), ("2028-13", None), ("soon", None),
     ("20300", None), (None, None)],
)  # fmt: skip
def test_the_last_day_of_a_year_month_or_day(told, expected):
    found = last_day(pd.Series([told], dtype=object)).iloc[0]
    assert found == pd.Timestamp(expected) if expected else pd.isna(found)


def test_each_list_begins_with_its_date_and_has_the_columns_of_its_file_and_no_other():
    """A column that is not there would be a name that no file has."""
    day = dates("2026-01-05")
    made = contracts({}, {"contract_id": "A-Y", "announced_on": "2026-01-06"}, {"contract_id": "A-Z"})
    fractions = ["escalator", "noi_margin", "owner_share", "prepayment"]
    assert list(contracts_on(made, NO_TERMS, day)) == ["as_of", *CONTRACT, *fractions]
    issued = {"issued_on": "2026-01-05", "published_on": "2026-01-05"}
    assert list(instruments(day, issued)) == ["as_of", *INSTRUMENT]
    told = rows({"published_on": "2026-01-05"}, blank={"contract_id": "A-X", "mw": 1.0})
    assert list(published_by(told, ["mw", "published_on"], day)) == ["as_of", "mw", "published_on"]
    known = rows(
        {}, blank={"ticker": "A", "instrument": "Loan", "known_on": "2026-01-05", "file": "debt.csv", "line": 2}
    )
    assert list(latest(known, ["ticker", "instrument"], "known_on", day)) == [
        "as_of",
        "ticker",
        "instrument",
        "known_on",
    ]
