"""What a filing makes known at the edges: which filings, which days and spans, what is news, and the order of filings."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import companyfacts as facts_of
from screener.sources.edgar import inline
from screener.sources.edgar.mapping import read as both
from screener.sources.edgar.mapping import to_items, unmapped
from screener.sources.told import FILING_COLUMNS
from tests.edgar_documents import Fact, Filed, companyfacts, report
from tests.screener.sources.edgar.test_mapping import COMPANIES, FIRST, SECOND, THIRD, assets, filing, known

NOTHING = pd.DataFrame(columns=FILING_COLUMNS)


def told(items: pd.DataFrame, *names: str) -> list[tuple]:
    return list(items[list(names)].itertuples(index=False, name=None))


def left(rows: list[Filed], ticker: str = "CLSK") -> pd.DataFrame:
    company = COMPANIES.loc[ticker]
    document = facts_of.read(companyfacts(rows, name=company["name"], cik=company["cik"]))
    return unmapped(document, NOTHING, company)


@pytest.mark.parametrize(
    ("first", "then", "news"),
    [(100_000, 100_010, False), (100_000, 100_011, True), (100_000, 99_990, False), (100_000, 99_989, True), (0, 0, False),
     (0, 1, True)],
)  # fmt: skip
def test_a_value_repeated_within_a_ten_thousandth_is_no_news(first, then, news):
    rows = [assets(first, FIRST, "2025-02-06"), assets(then, SECOND, "2025-05-09")]
    assert known(rows)["value"].tolist() == ([first, then] if news else [first])


def test_a_loss_repeated_with_other_roundings_is_no_news():
    def loss(amount: int, accession: str, filed: str) -> Filed:
        return Filed(Fact("NetIncomeLoss", amount, "2024-12-31", "2024-10-01"), accession, "10-Q", filed)

    rows = [
        loss(-100_000, FIRST, "2025-02-06"),
        loss(-100_010, SECOND, "2025-05-09"),
        loss(-99_980, THIRD, "2025-08-08"),
    ]
    assert known(rows)["value"].tolist() == [-100_000.0, -99_980.0]


def test_news_is_told_of_each_item_and_day_apart():
    rows = [assets(100, FIRST, "2025-02-06"), assets(100, FIRST, "2025-02-06", "2024-09-30"),
            Filed(Fact("MinorityInterest", 100, "2024-12-31"), FIRST, "10-Q", "2025-02-06")]  # fmt: skip
    assert told(known(rows), "item", "value") == [
        ("noncontrolling_interest", 100.0), ("total_assets", 100.0), ("total_assets", 100.0)
    ]  # fmt: skip
    assert known(rows)["period_end"].tolist()[1:] == [pd.Timestamp("2024-09-30"), pd.Timestamp("2024-12-31")]


@pytest.mark.parametrize(
    ("form", "is_read"),
    [
        ("10-Q", True),
        ("10-K/A", True),
        ("8-K", True),
        ("6-K", True),
        ("20-F", True),
        ("S-4", False),
        ("424B5", False),
        ("10-12B", False),
    ],
)
def test_which_forms_state_the_company_s_own_figures(form, is_read):
    assert known([assets(100, FIRST, "2025-02-06", form=form)])["form"].tolist() == ([form] if is_read else [])


@pytest.mark.parametrize(("filed", "is_read"), [("2025-09-02", False), ("2025-09-03", True)])
def test_today_s_business_begins_with_its_first_filing_day(filed, is_read):
    assert len(known([assets(100, FIRST, filed, "2025-06-30")], "ABTC")) == is_read


@pytest.mark.parametrize(("day", "is_read"), [("2025-02-06", True), ("2025-02-07", False)])
def test_a_day_is_known_by_its_filing_from_the_day_itself_on(day, is_read):
    document = inline.read(report([Fact("Assets", 5, day)], name=COMPANIES.at["CLSK", "name"], period_end=day))
    items, rest = both(document, filing("2025-02-06 12:00", "2025-02-06", FIRST), COMPANIES.loc["CLSK"])
    assert items["value"].tolist() == ([5.0] if is_read else [])
    assert told(rest, "item", "tag", "unit", "value", "reason", "accession", "form") == ([] if is_read else [
        ("", "us-gaap:Assets", "USD", 5.0, "the period ends after the filing of 2025-02-06", FIRST, "10-Q")
    ])  # fmt: skip


@pytest.mark.parametrize(("tag", "told_"), [("us-gaap:Goodwill", []), ("us-gaap:Assets", ["us-gaap:Assets"]),
                                              ("clsk:MinersOrdered", ["clsk:MinersOrdered"])])  # fmt: skip
def test_of_standard_tags_only_those_that_the_map_reads_are_told(tag, told_):
    """A day after the filing, of a tag that no item is made of, of one that is, and of the filer's own."""
    document = inline.read(report([Fact(tag, 5, "2025-02-07")], name=COMPANIES.at["CLSK", "name"], prefix="clsk"))
    rest = unmapped(document, filing("2025-02-06 12:00", "2025-02-06", FIRST), COMPANIES.loc["CLSK"])
    assert rest["tag"].tolist() == told_


def sales(start: str, end: str, amount: int = 50, accession: str = FIRST) -> Filed:
    return Filed(Fact("Revenues", amount, end, start), accession, "10-Q", "2025-02-06")


@pytest.mark.parametrize(
    ("start", "end", "quarter", "reason"),
    [
        ("2024-10-01", "2024-12-31", True, None),
        ("2024-10-13", "2024-12-31", True, None),  # 80 days
        ("2024-10-14", "2024-12-31", False, None),
        ("2024-07-01", "2024-12-31", False, "184 days from 2024-07-01; the quarter needs the span before it"),
        ("2023-12-18", "2024-12-31", False, "380 days from 2023-12-18; the quarter needs the span before it"),
        ("2023-12-17", "2024-12-31", False, None),
    ],
)
def test_spans_of_eighty_to_380_days_are_read_and_those_without_a_quarter_told(start, end, quarter, reason):
    rows = [sales(start, end)]
    assert len(known(rows)) == quarter
    assert told(left(rows), "item", "tag", "unit", "value", "reason", "accession") == ([] if reason is None else [
        ("revenue_total", "Revenues 50", "USD", 50.0, reason, FIRST)
    ])  # fmt: skip


def test_a_span_whose_quarter_was_made_is_not_told():
    rows = [
        sales("2024-01-01", "2024-12-31", 200),
        sales("2024-01-01", "2024-09-30", 140),
        sales("2024-01-01", "2024-06-30", 90),
    ]
    assert told(known(rows), "item", "value") == [("revenue_total", 50.0), ("revenue_total", 60.0)]
    assert told(left(rows), "period_end", "value") == [(pd.Timestamp("2024-06-30"), 90.0)]


def accepted(*told_: tuple[str, str | None]) -> pd.DataFrame:
    return pd.concat([filing(time, "2025-02-06", accession) for accession, time in told_], ignore_index=True)


@pytest.mark.parametrize(
    ("times", "order"),
    [
        (("2025-02-06 12:00", "2025-02-06 13:00"), [1.0, 2.0]),
        (("2025-02-06 13:00", "2025-02-06 12:00"), [2.0, 1.0]),
        ((None, "2025-02-06 13:00"), [2.0, 1.0]),  # without a time it may have been the last of its day
        (("2025-02-06 13:00", None), [1.0, 2.0]),
        ((None, None), [1.0, 2.0]),
    ],
)
def test_filings_of_one_day_stand_by_their_acceptance(times, order):
    rows = [assets(1, FIRST, "2025-02-06"), assets(2, SECOND, "2025-02-06")]
    items = known(rows, filings=accepted((FIRST, times[0]), (SECOND, times[1])))
    assert items["value"].tolist() == order
    assert [("time unknown" in checks) for checks in items["checks"]] == [
        times[int(value) - 1] is None for value in order
    ]


def test_a_filing_s_address_is_its_document_or_its_folder():
    rows = [assets(1, FIRST, "2025-02-06"), assets(2, SECOND, "2025-05-06")]
    listed = accepted((FIRST, "2025-02-06 12:00"), (SECOND, "2025-05-06 12:00"), (FIRST, "2025-02-07 12:00"))
    listed.loc[1, "url"] = ""
    items = known(rows, filings=listed)
    folder = "https://www.sec.gov/Archives/edgar/data/827876/000082787625000002/"
    assert items["source_url"].tolist() == ["https://www.sec.gov/x.htm", folder]
    assert items["published_on"].tolist() == [pd.Timestamp("2025-02-06"), pd.Timestamp("2025-05-06")]
    assert items["filed"].tolist() == [pd.Timestamp("2025-02-06"), pd.Timestamp("2025-05-06")]
    assert items["confidence"].tolist() == ["high", "high"]


def balance(*facts: Fact, period_end: str = "2024-12-31") -> list[tuple]:
    """(item, day, value) that a report of early February 2025 states."""
    document = inline.read(report(list(facts), name=COMPANIES.at["CLSK", "name"], period_end=period_end))
    items = to_items(document, filing("2025-02-06 12:00", "2025-02-06", FIRST), COMPANIES.loc["CLSK"])
    return [(row.item, f"{row.period_end:%m-%d}", row.value) for row in items.itertuples()]


def test_balance_sheets_are_those_of_days_with_total_assets():
    earlier = Fact("MinorityInterest", 3, "2024-09-30")
    assert balance(Fact("Assets", 9, "2024-12-31"), Fact("MinorityInterest", 4, "2024-12-31"), earlier) == [
        ("noncontrolling_interest", "12-31", 4.0), ("total_assets", "12-31", 9.0)
    ]  # fmt: skip
    # Without total assets the day of the cover counts, and where nothing is stated of it, every day.
    assert balance(Fact("MinorityInterest", 4, "2024-12-31"), earlier) == [("noncontrolling_interest", "12-31", 4.0)]
    assert balance(earlier, Fact("MinorityInterest", 5, "2024-06-30")) == [
        ("noncontrolling_interest", "06-30", 5.0), ("noncontrolling_interest", "09-30", 3.0)
    ]  # fmt: skip
    ifrs = Fact("ifrs-full:Assets", 8, "2024-12-31")
    assert balance(ifrs, earlier) == [("total_assets", "12-31", 8.0)]


def test_coins_of_a_balance_sheet_are_those_of_its_own_day():
    """Two sheets in one report, and amounts of the quarter between them: no fact of one day counts on the other."""
    coin = (("us-gaap:CryptoAssetAxis", "clsk:BitcoinMember"),)
    counts = [Fact("CryptoAssetNumberOfUnits", 300, "2024-09-30", unit="Bitcoin", dims=coin),
              Fact("CryptoAssetNumberOfUnits", 200, "2024-12-31", unit="Bitcoin", dims=coin),
              Fact("CryptoAssetNumberOfUnits", 250, "2024-12-31", "2024-10-01", unit="Bitcoin", dims=coin)]  # fmt: skip
    found = balance(Fact("Assets", 9, "2024-12-31"), Fact("Assets", 8, "2024-09-30"), *counts)
    assert [one for one in found if one[0] == "btc_held"] == [
        ("btc_held", "09-30", 300.0), ("btc_held", "12-31", 200.0)
    ]  # fmt: skip


def test_a_filing_may_be_given_as_one_row_and_facts_without_a_filing_are_its_own():
    document = inline.read(
        report([Fact("Assets", 9, "2024-12-31")], name=COMPANIES.at["CLSK", "name"], period_end="2024-12-31")
    )
    one = filing("2025-02-06 12:00", "2025-02-06", FIRST)
    frame, series = (to_items(document, given, COMPANIES.loc["CLSK"]) for given in (one, one.iloc[0]))
    pd.testing.assert_frame_equal(frame, series, check_dtype=False)
    assert told(frame, "accession", "form", "kind", "ticker") == [(FIRST, "10-Q", "filing", "CLSK")]
    two = pd.concat([one, filing("2025-05-06 12:00", "2025-05-06", SECOND)])
    unsaid = to_items(document, two, COMPANIES.loc["CLSK"])  # of which of the two is not said
    assert told(unsaid, "accession", "checks") == [("", "time unknown")]


def test_a_negative_amount_is_for_a_person():
    rows = [
        assets(-5, FIRST, "2025-02-06"),
        Filed(Fact("MinorityInterest", -5, "2024-12-31"), FIRST, "10-Q", "2025-02-06"),
    ]
    assert told(known(rows), "item", "value", "needs", "confidence") == [
        ("noncontrolling_interest", -5.0, "", "high"), ("total_assets", -5.0, "-5 is negative", "medium")
    ]  # fmt: skip


def test_what_is_left_is_told_once_in_order_of_item_day_and_filing():
    def leases(amount: int, accession: str, filed: str) -> Filed:
        return Filed(Fact("FinanceLeaseLiabilityCurrent", amount, "2024-12-31"), accession, "10-Q", filed)

    rows = [assets(9, FIRST, "2025-02-06"), assets(9, SECOND, "2025-05-06"), leases(5, SECOND, "2025-05-06"),
            leases(5, FIRST, "2025-02-06"), sales("2024-07-01", "2024-12-31", accession=FIRST)]  # fmt: skip
    found = left(rows)
    assert told(found, "ticker", "item", "accession") == [
        ("CLSK", "lease_liabilities_finance", FIRST), ("CLSK", "revenue_total", FIRST)
    ]  # fmt: skip
