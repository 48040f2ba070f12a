"""Items out of filings: the golden cases, in small documents of the same tags and figures, and what was known when."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import universes
from screener.errors import EdgarFault
from screener.sources.edgar import companyfacts as facts_of
from screener.sources.edgar import inline, mapping
from screener.sources.edgar.found import UNMAPPED_COLUMNS
from screener.sources.edgar.instruments import instruments
from screener.sources.edgar.mapping import to_items, unmapped
from screener.sources.told import FILING_COLUMNS, ITEM_COLUMNS
from screener.universes.items import FINANCIAL_ITEMS
from tests.edgar_documents import Fact, Filed, companyfacts, report

COMPANIES = universes.load("miners").companies.set_index("ticker", drop=False)
JUNE, SEPTEMBER = "2025-06-30", "2025-09-30"
PRODUCT, SEGMENT, CLASS = (
    "srt:ProductOrServiceAxis",
    "us-gaap:StatementBusinessSegmentsAxis",
    "us-gaap:StatementClassOfStockAxis",
)
CRYPTO = "us-gaap:CryptoAssetAxis"
TOTAL_CASH = "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"


def filing(
    accepted: str | None = "2025-08-07 12:00", filed: str = "2025-08-07", accession: str = "0000827876-25-000005"
):
    row = dict.fromkeys(FILING_COLUMNS, "") | {"accession": accession, "form": "10-Q", "filed": pd.Timestamp(filed),
                                               "url": "https://www.sec.gov/x.htm"}  # fmt: skip
    row["accepted_at"] = pd.NaT if accepted is None else pd.Timestamp(accepted, tz="UTC")
    return pd.DataFrame([row])


def read(ticker: str, facts: list[Fact], day: str = JUNE, *, price=None, splits=None, prefix="clsk", **more):
    company = COMPANIES.loc[ticker]
    document = inline.read(
        report(facts, name=company["name"], cik=company["cik"], period_end=day, prefix=prefix, **more)
    )
    one = filing() if day <= "2025-08-07" else filing("2025-11-14 12:00", "2025-11-14")
    items = to_items(document, one, company, price, splits=splits)
    assert list(items.columns) == ITEM_COLUMNS
    assert set(items["item"]) <= set(FINANCIAL_ITEMS)
    left = unmapped(document, one, company, price, splits=splits)
    assert list(left.columns) == UNMAPPED_COLUMNS
    assert items.index.tolist() == list(range(len(items)))
    assert left.index.tolist() == list(range(len(left)))
    for alone, both in zip((items, left), mapping.read(document, one, company, price, splits=splits), strict=True):
        pd.testing.assert_frame_equal(alone, both)
    return items.set_index("item"), left


def value(items: pd.DataFrame, item: str) -> float:
    return float(items.loc[item, "value"])


def k(tag: str, amount: float, day: str = JUNE, start: str | None = None, **more) -> Fact:
    return Fact(tag, amount * 1000, day, start, scale=3, decimals="-3", **more)


CLEANSPARK = [
    Fact("dei:EntityCommonStockSharesOutstanding", 281_083_382, "2025-08-05", unit="shares"),
    k("CashAndCashEquivalentsAtCarryingValue", 34_553), k("RestrictedCash", 3_462), k(TOTAL_CASH, 38_015),
    k("RestrictedCashAndCashEquivalents", 38_015), k("Assets", 3_101_817), k("StockholdersEquity", 2_146_888),
    k("CryptoAssetFairValueCurrent", 877_067), k("CryptoAssetFairValueNoncurrent", 202_687),
    k("clsk:ReceivableForBitcoinCollateralPledged", 271_491), k("clsk:NumberOfBitcoinsHeld", 10_075),
    k("LoansPayableCurrent", 176_424), k("LongTermLoansPayable", 643_913), k("LongTermDebt", 643_913),
    k("LoansPayable", 835_143), k("DebtInstrumentCarryingAmount", 820_337), k("clsk:TotalLoanBookValue", 820_337),
    k("clsk:DigitalCurrencyMiningRevenues", 198_644, start="2025-04-01"),
    k("clsk:DigitalCurrencyMiningRevenues", 542_662, start="2024-10-01"),
    k("Revenues", 542_662, start="2024-10-01",
      dims=(("us-gaap:BusinessAcquisitionAxis", "clsk:GriidInfrastructureIncMember"),)),
    k("PreferredStockValue", 2),
    Fact("PreferredStockLiquidationPreference", 0.02, JUNE, unit="USD/shares",
         dims=((CLASS, "us-gaap:SeriesAPreferredStockMember"),), decimals="2"),
    Fact("PreferredStockSharesOutstanding", 1_750_000, JUNE, unit="shares"),
]  # fmt: skip


def test_cleanspark():
    price = pd.Series({pd.Timestamp(JUNE): 107_173.0})
    items, left = read("CLSK", CLEANSPARK, price=price)
    assert value(items, "debt_total") == 820_337_000
    assert items.loc["debt_total", "evidence"] == "LoansPayableCurrent 176424000 + LongTermLoansPayable 643913000"
    assert value(items, "btc_fair_value") == 1_079_754_000
    assert "ReceivableForBitcoinCollateralPledged 271491000" in items.loc["btc_fair_value", "checks"]
    assert value(items, "btc_held") == 10_075
    assert "own tag" in items.loc["btc_held", "needs"]
    assert "coins elsewhere" in items.loc["btc_held", "needs"]
    assert value(items, "revenue_total") == 198_644_000
    assert value(items, "revenue_mining") == 198_644_000
    assert value(items, "restricted_cash") == 3_462_000
    assert value(items, "cash") == 34_553_000
    assert value(items, "shares_outstanding") == 281_083_382
    assert items.loc["shares_outstanding", "period_end"] == pd.Timestamp("2025-08-05")
    assert "redeemable at 35000" in items.loc["preferred_equity", "needs"]
    settled = ["debt_total", "btc_fair_value", "revenue_total", "restricted_cash", "cash", "shares_outstanding"]
    assert (items.loc[settled, "needs"] == "").all()
    assert (items["published_on"] == pd.Timestamp("2025-08-07")).all()
    assert (items["source_url"] == "https://www.sec.gov/x.htm").all()
    assert (items["accession"] == "0000827876-25-000005").all()
    assert left.empty


BUSINESSES = (
    ("DigitalAssetMiningMember", 7_415_702),
    ("CloudServicesMember", 18_032_898),
    ("ColocationServicesMember", 1_692_280),
    ("ETHStakingMember", 2_868_534),
    ("OtherMember", 454_588),
)
BIT_DIGITAL = [
    Fact("dei:EntityCommonStockSharesOutstanding", 323_674_831, "2025-11-10", unit="shares"),
    Fact("CashAndCashEquivalentsAtCarryingValue", 179_118_182, SEPTEMBER),
    Fact("RestrictedCashCurrent", 3_732_792, SEPTEMBER),
    Fact(TOTAL_CASH, 182_850_974, SEPTEMBER), Fact("Assets", 1_133_084_610, SEPTEMBER),
    Fact("CryptoAssetFairValueCurrent", 423_682_364, SEPTEMBER), Fact("CryptoAssetFairValue", 3_575_804, SEPTEMBER),
    Fact("CryptoAssetFairValueCurrent", 693_468, SEPTEMBER, dims=((CRYPTO, "btbt:BTCMember"),)),
    Fact("CryptoAssetFairValueCurrent", 422_988_896, SEPTEMBER, dims=((CRYPTO, "btbt:ETHMember"),)),
    Fact("CryptoAssetNumberOfUnits", 64, SEPTEMBER, unit="InfiniBand"),
    Fact("CryptoAssetNumberOfUnits", 10_221, SEPTEMBER, unit="ETH"),
    Fact("CryptoAssetNumberOfUnits", 7_900, SEPTEMBER, unit="Bitcoins",
         dims=(("us-gaap:PropertyPlantAndEquipmentByTypeAxis", "btbt:DisposalOfPropertyPlantAndEquipmentMember"),)),
    Fact("OtherLongTermDebtNoncurrent", 196_345, SEPTEMBER), Fact("MinorityInterest", 139_427_711, SEPTEMBER),
    Fact("StockholdersEquity", 906_153_675, SEPTEMBER),
    Fact("StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest", 1_045_581_386, SEPTEMBER),
    Fact("Revenues", 30_464_002, SEPTEMBER, "2025-07-01"), Fact("Revenues", 81_222_287, SEPTEMBER, "2025-01-01"),
    *(Fact("Revenues", amount, SEPTEMBER, "2025-07-01", dims=((PRODUCT, f"btbt:{one}"),)) for one, amount in BUSINESSES),
]  # fmt: skip


def test_bit_digital():
    items, left = read("BTBT", BIT_DIGITAL, SEPTEMBER, prefix="btbt")
    assert value(items, "btc_fair_value") == 693_468
    assert value(items, "btc_fair_value") + value(items, "eth_fair_value") == 423_682_364
    assert "sum to CryptoAssetFairValueCurrent 423682364" in items.loc["btc_fair_value", "checks"]
    assert "btc_held" not in items.index
    assert sorted(left.loc[left["item"] == "btc_held", "value"]) == [64, 7_900, 10_221]
    assert value(items, "debt_total") == 196_345
    assert value(items, "cash") == 179_118_182
    assert value(items, "noncontrolling_interest") == 139_427_711
    assert value(items, "shares_outstanding") == 323_674_831
    parts = {item: value(items, item) for item in ("revenue_mining", "revenue_ai_hpc", "revenue_other")}
    assert parts == {"revenue_mining": 7_415_702, "revenue_ai_hpc": 19_725_178, "revenue_other": 3_323_122}
    assert sum(parts.values()) == value(items, "revenue_total") == 30_464_002
    # The other side of these is not stated; of restricted cash the cash-flow total says that there is none.
    one_sided = items.index[items["needs"] != ""]
    assert sorted(one_sided) == ["btc_fair_value", "debt_total", "eth_fair_value"]
    assert items.loc[one_sided, "needs"].str.startswith("incomplete: no ").all()


def test_without_the_split_by_coin_other_coins_need_a_person():
    facts = [fact for fact in BIT_DIGITAL if not any(axis == CRYPTO for axis, _ in fact.dims)]
    items, _ = read("BTBT", facts, SEPTEMBER, prefix="btbt")
    assert value(items, "btc_fair_value") == 423_682_364
    assert "other coins: the filing names ETH" in items.loc["btc_fair_value", "needs"]


@pytest.mark.parametrize(
    ("units", "unit", "dims", "price", "counted", "person"),
    [
        (18, "bitcoin", (), 68_000.0, True, False),
        (18, "bitcoin", (), 72_000.0, True, True),
        (18, "bitcoin", (), None, True, True),
        (18_000, "bitcoin", (), 68_000.0, True, True),
        (18, "unit", ((CRYPTO, "wulf:BitcoinMember"),), 68_000.0, True, False),
        (18, "unit", (), 68_000.0, False, False),
        (18, "bitcoin", ((CRYPTO, "wulf:EtherMember"),), 68_000.0, False, False),
        (
            18,
            "bitcoin",
            ((CRYPTO, "wulf:BitcoinMember"), ("us-gaap:TypeAxis", "wulf:CustodyMember")),
            68_000.0,
            False,
            False,
        ),
    ],
)
def test_coins_need_their_unit_their_member_and_the_price(units, unit, dims, price, counted, person):
    facts = [
        k("Assets", 9_000), k("CryptoAssetFairValueCurrent", 1_237),
        Fact("CryptoAssetNumberOfUnits", units, JUNE, unit=unit, dims=dims),
    ]  # fmt: skip
    days = None if price is None else pd.Series({pd.Timestamp(JUNE): price})
    items, left = read("WULF", facts, price=days, prefix="wulf")
    assert ("btc_held" in items.index) == counted
    assert (left["item"] == "btc_held").any() != counted
    if counted:
        assert (items.loc["btc_held", "needs"] != "") == person


def test_coins_of_customers_are_blocked():
    facts = [
        k("Assets", 9_000), k("CryptoAssetFairValueCurrent", 100), k("srt:PlatformOperatorCryptoAssetHeldForUser", 900),
        k("clsk:SafeguardingAssetBitcoin", 800),
    ]  # fmt: skip
    items, left = read("CLSK", facts)
    assert value(items, "btc_fair_value") == 100_000
    assert set(left["reason"]) == {"kept for customers"}
    assert sorted(left["value"]) == [800_000, 900_000]


def test_leases_inside_the_debt_are_refused():
    facts = [k("Assets", 20_000_000), k("FinanceLeaseLiability", 243_800), k("DebtCurrent", 836_700),
             k("LongTermDebtNoncurrent", 7_000_000), k("LongTermDebt", 7_592_900)]  # fmt: skip
    items, left = read("IREN", facts, prefix="iren")
    assert value(items, "debt_total") == 7_836_700_000
    assert "lease_liabilities_finance" not in items.index
    assert "already in debt_total 7836700000" in left.iloc[0]["reason"]
    apart, _ = read(
        "IREN", [*facts[:2], k("DebtCurrent", 592_900), k("LongTermDebtNoncurrent", 7_000_000)], prefix="iren"
    )
    assert value(apart, "lease_liabilities_finance") == 243_800_000


def test_cash_and_restricted_cash_are_the_cash_flow_total():
    facts = [k("Assets", 9_000), k("CashAndCashEquivalentsAtCarryingValue", 100), k("RestrictedCashCurrent", 30)]
    assert (read("CLSK", [*facts, k(TOTAL_CASH, 130)])[0].loc[["cash", "restricted_cash"], "needs"] == "").all()
    wrong, _ = read("CLSK", [*facts, k(TOTAL_CASH, 150)])
    assert wrong.loc["cash", "needs"] == "cash 100000 and restricted 30000, the cash-flow total is 150000"
    none, _ = read("CLSK", [*facts[:2], k(TOTAL_CASH, 100)])
    assert value(none, "restricted_cash") == 0


def test_an_own_tag_that_looks_like_debt_needs_a_person():
    facts = [k("Assets", 9_000), k("LongTermLoansPayable", 500), k("clsk:EquipmentFinancingNoncurrent", 70)]
    assert "clsk:EquipmentFinancingNoncurrent 70000 may be debt" in read("CLSK", facts)[0].loc["debt_total", "needs"]


def test_the_principal_stands_apart_from_the_carrying_amount():
    facts = [k("Assets", 9_000_000), k("DebtCurrent", 993_944), k("LongTermDebtNoncurrent", 1_061_651)]
    facts.append(k("DebtInstrumentUnamortizedDiscountPremiumAndDebtIssuanceCostsNet", 29_405))
    items, _ = read("CORZ", facts, prefix="core")
    assert value(items, "debt_total") == 2_055_595_000
    assert "carrying amount, not principal" in items.loc["debt_total", "checks"]
    assert "29405000, it is 2085000000" in items.loc["debt_total", "checks"]


def test_another_currency_is_left():
    items, left = read(
        "DGXX", [k("Assets", 9_000), k("CashAndCashEquivalentsAtCarryingValue", 100, unit="CAD")], prefix="dgxx"
    )
    assert "cash" not in items.index
    assert list(left["reason"]) == ["the unit is CAD, not USD"]


def test_parts_that_do_not_sum_are_left_and_an_unknown_member_needs_a_person():
    total = k("Revenues", 100, start="2025-04-01")
    mining = k("Revenues", 60, start="2025-04-01", dims=((SEGMENT, "riot:BitcoinMiningMember"),))
    lease = k("OperatingLeaseLeaseIncome", 40, start="2025-04-01", dims=((SEGMENT, "riot:HpcLeasingMember"),))
    items, _ = read("RIOT", [total, mining, lease], prefix="riot")
    assert (value(items, "revenue_mining"), value(items, "revenue_ai_hpc")) == (60_000, 40_000)
    assert "members.csv of RIOT does not have BitcoinMiningMember" in items.loc["revenue_mining", "needs"]
    alone, left = read("RIOT", [total, mining], prefix="riot")
    assert list(alone.index) == ["revenue_total"]
    assert "its members sum to 60000, total revenue is 100000" in left.iloc[0]["reason"]


def cover(amount: int, member: str) -> Fact:
    return Fact("dei:EntityCommonStockSharesOutstanding", amount, "2025-08-01", unit="shares", dims=((CLASS, member),))


A, B = "us-gaap:CommonClassAMember", "us-gaap:CommonClassBMember"


@pytest.mark.parametrize(
    ("ticker", "classes", "count", "need"),
    [
        ("GREE", [cover(12_940_023, A), cover(2_733_394, B)], 15_673_417, ""),
        ("GREE", [cover(12_940_023, A)], 12_940_023, "no count of CommonClassBMember"),
        ("GREE", [cover(12, A), cover(2, B), cover(3, "gree:ClassXMember")], 17, "whether ClassXMember of GREE carry"),
        (
            "GLXY",
            [cover(192, A), cover(198, B)],
            192,
            "has no economics, its partnership units exchange one for one: 390",
        ),
        ("NBIS", [cover(203, A), cover(35, B), cover(9, "us-gaap:CommonClassCMember")], 238, ""),
        ("CRWV", [cover(447, A), cover(98, B)], 545, ""),
    ],
)
def test_classes_of_a_cover(ticker, classes, count, need):
    items, _ = read(ticker, classes, prefix=ticker.lower())
    assert value(items, "shares_outstanding") == count
    said = items.loc["shares_outstanding", "needs"]
    assert need in said
    assert bool(need) == bool(said)


def test_a_split_between_the_count_and_the_filing_needs_a_person():
    fact = Fact("dei:EntityCommonStockSharesOutstanding", 300, "2025-08-01", unit="shares")
    splits = pd.DataFrame(
        {"ticker": ["CLSK", "HUT"], "first_day_on_new_basis": pd.to_datetime(["2025-08-05", "2025-08-05"])}
    )
    assert "split of 2025-08-05" in read("CLSK", [fact], splits=splits)[0].loc["shares_outstanding", "needs"]
    assert read("CLSK", [fact], splits=splits.iloc[1:])[0].loc["shares_outstanding", "needs"] == ""


def test_a_redeemable_minority_needs_a_person():
    facts = [
        k("Assets", 9_000),
        k("MinorityInterest", 10),
        k("RedeemableNoncontrollingInterestEquityCarryingAmount", 923),
    ]
    items, _ = read("APLD", facts, prefix="apld")
    assert value(items, "noncontrolling_interest") == 933_000
    assert "may be a preferred" in items.loc["noncontrolling_interest", "needs"]


def test_cash_overhead_is_stated_only_where_the_awards_in_it_are():
    span = {"start": "2025-04-01"}
    inside = (("us-gaap:IncomeStatementLocationAxis", "us-gaap:SellingGeneralAndAdministrativeExpensesMember"),)
    facts = [k("SellingGeneralAndAdministrativeExpense", 44_846, **span)]
    facts.append(k("AllocatedShareBasedCompensationExpense", 17_761, **span))
    assert "sga_cash" not in read("CORZ", facts, prefix="core")[0].index
    facts.append(k("AllocatedShareBasedCompensationExpense", 12_684, dims=inside, **span))
    assert value(read("CORZ", facts, prefix="core")[0], "sga_cash") == 32_162_000


def test_instruments_are_always_for_a_person():
    axis = (("us-gaap:DebtInstrumentAxis", "core:ConvertibleSeniorNotesDue2029Member"),)
    facts = [
        k("DebtInstrumentFaceAmount", 460_000, "2024-08-19", dims=axis),
        Fact("DebtInstrumentInterestRateStatedPercentage", 0.03, JUNE, unit="pure", dims=axis, decimals="4"),
        Fact("DebtInstrumentConvertibleConversionRatio1", 0.0909091, "2024-08-19", unit="pure", dims=axis, decimals="7"),
        k("DebtInstrumentFaceAmount", 900_000, "2025-07-08",
          dims=(*axis, ("us-gaap:SubsequentEventTypeAxis", "us-gaap:SubsequentEventMember"))),
    ]  # fmt: skip
    document = inline.read(report(facts, name="Core Scientific, Inc.", cik="0001839341", prefix="core"))
    row = instruments(document, COMPANIES.loc["CORZ"]).iloc[0]
    assert (row["instrument"], row["principal_usd"], row["matures"]) == ("ConvertibleSeniorNotesDue2029", 460e6, "2029")
    assert row["coupon_pct"] == pytest.approx(3.0)
    assert row["price_usd"] == pytest.approx(11.0, abs=1e-4)
    assert row["needs"]


@pytest.mark.parametrize("ahead", [k("Assets", 5, "2027-06-30"), k("Revenues", 5, "2026-03-31", "2026-01-01")])
def test_a_period_that_ends_after_its_filing_is_left_and_told(ahead):
    items, left = read("CLSK", [*CLEANSPARK, ahead])
    assert items["period_end"].max() == pd.Timestamp("2025-08-05")  # the cover's day, before the filing of 2025-08-07
    assert left["reason"].tolist() == ["the period ends after the filing of 2025-08-07"]
    assert left["period_end"].tolist() == [pd.Timestamp(ahead.end)]


def test_one_side_of_the_balance_sheet_alone_needs_a_person():
    assets = k("Assets", 3_101_817)
    one_line = {"debt_total": "LongTermDebtCurrent", "btc_fair_value": "CryptoAssetFairValueNoncurrent",
                "restricted_cash": "RestrictedCashCurrent", "deferred_revenue": "DeferredRevenueNoncurrent"}  # fmt: skip
    for item, tag in one_line.items():
        items, _ = read("CLSK", [assets, k(tag, 50_000)])
        assert value(items, item) == 50_000_000
        assert f"line of {item} is stated" in items.loc[item, "needs"]
    items, left = read("CLSK", [assets, k("FinanceLeaseLiabilityCurrent", 50)])
    assert "lease_liabilities_finance" not in items.index
    assert left["reason"].tolist() == ["current and noncurrent is incomplete: no FinanceLeaseLiabilityNoncurrent"]


def test_another_company_is_refused():
    document = inline.read(report(CLEANSPARK, name="BTCS Inc.", cik="0001436229"))
    with pytest.raises(EdgarFault, match="ABTC is CIK 0001755953"):
        to_items(document, filing(), COMPANIES.loc["ABTC"])


# What was known when, out of companyfacts.
FIRST, SECOND, THIRD = "0000827876-25-000001", "0000827876-25-000002", "0000827876-26-000003"


def assets(
    amount: int, accession: str, filed: str, day: str = "2024-12-31", form: str = "10-Q", tag: str = "Assets"
) -> Filed:
    return Filed(Fact(tag, amount, day), accession, form, filed)


def known(rows: list[Filed], ticker: str = "CLSK", filings: pd.DataFrame | None = None) -> pd.DataFrame:
    company = COMPANIES.loc[ticker]
    document = facts_of.read(companyfacts(rows, name=company["name"], cik=company["cik"]))
    nothing = pd.DataFrame(columns=FILING_COLUMNS)
    return to_items(document, nothing if filings is None else filings, company)


def told(items: pd.DataFrame) -> list[tuple]:
    return [(f"{row.published_on:%Y-%m-%d}", row.value, row.accession) for row in items.itertuples()]


def test_a_restatement_of_may_is_invisible_in_march_and_a_repetition_keeps_its_first_day():
    rows = [assets(100, FIRST, "2025-02-06"), assets(100, SECOND, "2025-03-10"), assets(90, THIRD, "2025-05-09")]
    assert told(known(rows)) == [("2025-02-06", 100, FIRST), ("2025-05-09", 90, THIRD)]
    items = known(rows)
    assert items["checks"].str.contains("time unknown").all()
    assert (items["kind"] == "companyfacts").all()
    assert items["source_url"].iloc[0] == "https://www.sec.gov/Archives/edgar/data/827876/000082787625000001/"


def test_a_value_that_comes_back_is_news():
    rows = [assets(10, FIRST, "2025-02-06"), assets(12, SECOND, "2025-05-06"), assets(10, THIRD, "2025-08-06")]
    assert [value for _, value, _ in told(known(rows))] == [10, 12, 10]


def test_acceptance_decides_the_day():
    rows = [assets(100, FIRST, "2025-02-06")]
    late = filing("2025-02-06 21:05", "2025-02-06", FIRST)
    assert told(known(rows, filings=late)) == [("2025-02-07", 100, FIRST)]
    assert "time unknown" not in known(rows, filings=late)["checks"].iloc[0]


def test_an_amendment_with_part_three_alone_erases_nothing():
    rows = [assets(100, FIRST, "2025-02-06", form="10-K")]
    part_three = Filed(Fact("dei:EntityPublicFloat", 5, "2024-12-31"), SECOND, "10-K/A", "2025-04-30")
    assert told(known([*rows, part_three])) == told(known(rows))


def test_papers_with_the_figures_of_others_are_not_read():
    rows = [assets(100, FIRST, "2025-02-06"), assets(900, SECOND, "2025-03-06", form="S-4")]
    assert told(known(rows)) == [("2025-02-06", 100, FIRST)]


def test_facts_of_the_shell_before_a_merger_are_another_business():
    rows = [assets(100, FIRST, "2025-08-14", "2025-06-30"), assets(700, SECOND, "2025-11-14", "2025-09-30")]
    assert told(known(rows, "ABTC")) == [("2025-11-14", 700, SECOND)]


def test_ifrs_then_gaap():
    rows = [
        assets(130, FIRST, "2025-02-06", tag="ifrs-full:Assets", form="20-F"),
        assets(100, SECOND, "2025-08-28", form="10-K"),
        assets(130, SECOND, "2025-08-28", tag="ifrs-full:Assets", form="10-K"),
    ]
    assert told(known(rows, "IREN")) == [("2025-02-06", 130, FIRST), ("2025-08-28", 100, SECOND)]


def test_year_and_period_of_the_filing_do_not_date_a_fact():
    rows = [Filed(Fact("Revenues", 50, "2024-12-31", "2024-10-01"), FIRST, "10-Q", "2025-05-06", fy=2025, fp="Q2")]
    assert known(rows)["period_end"].tolist() == [pd.Timestamp("2024-12-31")]


def test_a_fourth_quarter_counts_from_the_annual_report():
    rows = [
        Filed(Fact("Revenues", 342_759, "2024-09-30", "2024-01-01"), FIRST, "10-Q", "2024-11-06"),
        Filed(Fact("Revenues", 463_456, "2024-12-31", "2024-01-01"), SECOND, "10-K", "2025-02-18"),
    ]
    items = known(rows)
    assert told(items) == [("2025-02-18", 120_697, SECOND)]
    assert items["evidence"].iloc[0].startswith("derived: ")


def counts(*shares: tuple[int, str, str]) -> list[Filed]:
    """Share counts (count, day, accession) on covers of quarterly reports, each filed five days after its day."""
    return [
        Filed(
            Fact("dei:EntityCommonStockSharesOutstanding", count, day, unit="shares"),
            accession,
            "10-Q",
            f"{day[:-2]}06",
        )
        for count, day, accession in shares
    ]


def test_a_reverse_split_shows_as_a_leap():
    rows = counts((1000, "2025-02-01", FIRST), (100, "2025-05-01", SECOND), (110, "2025-08-01", THIRD))
    needs = known(rows)["needs"].tolist()
    assert needs[0] == needs[2] == ""
    assert needs[1] == "0.10 times the count of 2025-02-01, 1000"


def test_counts_are_held_against_what_was_known_before_whatever_the_numbers_of_the_filings():
    """An accession number starts with who sent the filing in, so that a later filing may have the lower number."""
    agent = "0009999999-25-000001"
    items = known(counts((400, "2025-05-01", FIRST), (100, "2025-02-01", agent), (90, "2025-08-01", SECOND)))
    assert told(items) == [("2025-02-06", 100, agent), ("2025-05-06", 400, FIRST), ("2025-08-06", 90, SECOND)]
    assert items["needs"].tolist() == [
        "", "4.00 times the count of 2025-02-01, 100", "0.23 times the count of 2025-05-01, 400",
    ]  # fmt: skip


def test_a_document_without_facts_gives_nothing():
    document = facts_of.read(companyfacts([], cik=827876))
    nothing = pd.DataFrame(columns=FILING_COLUMNS)
    assert to_items(document, nothing, COMPANIES.loc["CLSK"]).empty
    assert list(unmapped(document, nothing, COMPANIES.loc["CLSK"]).columns)[:2] == ["ticker", "item"]


TAGS = ("Assets", "LoansPayableCurrent", "LongTermDebtNoncurrent", "ConvertibleDebtNoncurrent", "ifrs-full:Assets")
SPANS = (
    ("2024-01-01", "2024-03-31"),
    ("2024-01-01", "2024-06-30"),
    ("2024-04-01", "2024-06-30"),
    ("2024-01-01", "2024-09-30"),
)
DAYS = ("2024-11-06", "2025-02-18", "2025-02-18", "2025-05-06")
stocks = st.tuples(st.sampled_from(TAGS), st.just(None), st.sampled_from(["2024-06-30", "2024-09-30"]))
flows = st.tuples(st.sampled_from(["Revenues", "NetIncomeLoss"]), st.sampled_from(SPANS)).map(lambda x: (x[0], *x[1]))
filed_facts = st.lists(st.tuples(stocks | flows, st.integers(0, 3), st.integers(1, 9)), max_size=14)


@settings(max_examples=25, deadline=None)
@given(filed_facts, st.randoms())
def test_a_later_filing_never_changes_what_an_earlier_day_knew_and_rows_have_no_order(facts, random):
    rows = [
        Filed(Fact(tag, amount, end, start), f"0000827876-25-00000{number}", "10-Q", DAYS[number])
        for ((tag, start, end), number), amount in {(what, number): amount for what, number, amount in facts}.items()
    ]
    whole = known(rows)
    for day in sorted(set(DAYS)):
        early = known([row for row in rows if row.filed <= day])
        pd.testing.assert_frame_equal(
            whole[whole["published_on"] <= day].reset_index(drop=True), early, check_dtype=False
        )
    random.shuffle(rows)
    pd.testing.assert_frame_equal(known(rows), whole, check_dtype=False)
