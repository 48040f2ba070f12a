"""Whose document it is: CIK and name, former names, and the shells that a business was merged into."""

from __future__ import annotations

import pandas as pd
import pytest

from screener import universes
from screener.sources.edgar.identity import plain, refusal, same_business_since


@pytest.fixture(scope="module")
def companies() -> pd.DataFrame:
    return universes.load("miners").companies.set_index("ticker", drop=False)


def test_another_company_under_the_ticker_is_refused(companies):
    reason = refusal("0001436229", "BTCS Inc.", companies.loc["ABTC"])
    assert "BTCS Inc." in reason
    assert "1755953" in reason


@pytest.mark.parametrize(
    ("ticker", "cik", "name"),
    [
        ("KEEL", "1812477", "Bitfarms Ltd"),
        ("KEEL", "0001812477", "Keel Infrastructure Corp."),
        ("CORZ", "1839341", "Core Scientific, Inc./tx"),
        ("CLSK", "827876", "CLEANSPARK, INC."),
        ("NBIS", "1513845", "NEBIUS GROUP N.V."),
        ("BTBT", "1710350", "Bit Digital, Inc"),
    ],
)
def test_its_own_document_by_today_s_or_a_former_name(companies, ticker, cik, name):
    assert refusal(cik, name, companies.loc[ticker]) == ""


def test_the_right_number_with_an_unknown_name_is_refused_with_the_remedy(companies):
    assert "former_names" in refusal("1844971", "Vulcan Infrastructure & Power Inc.", companies.loc["GREE"])
    assert refusal("1844971", "Vulcan Infrastructure & Power Inc.", companies.loc["GREE"],
                   ["VULCAN INFRASTRUCTURE & POWER, INC."]) == ""  # fmt: skip


def test_a_company_without_a_number_cannot_be_told_apart(companies):
    assert "no CIK" in refusal("827876", "CleanSpark", companies.loc["CLSK"].to_dict() | {"cik": float("nan")})


def test_names_differ_in_more_than_their_legal_form():
    assert plain("IREN Limited") == plain("IREN LTD.") == "iren"
    assert plain("Hut 8 Corp.") != plain("Hut 8 Mining Corp.")
    assert plain("The Co") == "the co"  # nothing but legal forms stays as it is


def test_since_when_it_is_the_same_business():
    assert same_business_since("ABTC") == pd.Timestamp("2025-09-03")
    assert pd.isna(same_business_since("CLSK"))
