"""Inline XBRL: figures with periods, units and dimensions; real figures in small documents; the cover."""

from __future__ import annotations

from math import inf, isnan

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import EdgarFault
from screener.sources.edgar import inline
from screener.sources.edgar.filed import FILED_COLUMNS
from tests.edgar_documents import REPORTS, Fact, report

DAY = "2025-06-30"
ETH = ("srt:CryptoAssetAxis", "btbt:ETHMember")
NOTE = ("us-gaap:DebtInstrumentAxis", "clsk:TwoThousandThirtyConvertibleNoteMember")


def stated(facts: pd.DataFrame) -> list[tuple]:
    """What each row says, as plain values."""
    return [
        (f"{row.taxonomy}:{row.concept}", row.unit, row.start, row.end, row.dimensions, row.value)
        for row in facts.itertuples()
    ]


def expected(fact: Fact) -> tuple:
    start = pd.Timestamp(fact.start) if fact.start else pd.NaT
    return fact.name, fact.unit, start, pd.Timestamp(fact.end), tuple(sorted(fact.dims)), float(fact.value)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_real_figures_come_back(name):
    golden = REPORTS[name]
    document = inline.read(golden.document(), accession="0000950170-25-104236", filed="2025-08-07")
    assert list(document.facts.columns) == FILED_COLUMNS
    assert stated(document.facts) == [expected(fact) for fact in golden.facts]
    assert (document.name, document.cik, document.form) == (golden.cover["name"], golden.cover["cik"], "10-Q")
    assert document.period_end == pd.Timestamp(golden.cover["period_end"])
    assert document.fiscal_year_end == golden.cover["fiscal_year_end"].removeprefix("--")
    assert document.faults == ()
    assert set(document.facts["form"]) == {"10-Q"}
    assert set(document.facts["accession"]) == {"0000950170-25-104236"}
    assert set(document.facts["filed"]) == {pd.Timestamp("2025-08-07")}


def whole(facts: pd.DataFrame) -> pd.Series:
    """Figures of the whole company on its balance sheet's day, by concept."""
    rows = facts[facts["dimensions"].map(len).eq(0) & facts["start"].isna()]
    return rows.set_index("concept")["value"]


def test_cleanspark_debt_is_the_sum_of_its_two_loan_lines():
    june = whole(inline.read(REPORTS["CLSK 2025-06-30"].document()).facts)
    assert (
        june["LoansPayableCurrent"] + june["LongTermLoansPayable"]
        == 820_337_000
        == june["DebtInstrumentCarryingAmount"]
    )
    assert june["LongTermDebt"] == 643_913_000
    assert june["CryptoAssetFairValueCurrent"] + june["CryptoAssetFairValueNoncurrent"] == 1_079_754_000
    assert june["RestrictedCash"] + june["CashAndCashEquivalentsAtCarryingValue"] == 38_015_000
    assert june["NumberOfBitcoinsHeld"] == 10_075_000  # as filed, a thousand times too large
    december = whole(inline.read(REPORTS["CLSK 2024-12-31"].document()).facts)
    assert december["LoansPayableCurrent"] + december["LongTermLoansPayable"] == 648_648_000


def test_bit_digital_revenue_by_product_adds_up():
    for name, total in (("BTBT 2025-09-30", 30_464_002), ("BTBT 2025-03-31", 25_105_120)):
        facts = inline.read(REPORTS[name].document()).facts
        sales = facts[facts["concept"] == "Revenues"]
        parts = sales["dimensions"].map(len) == 1
        assert sales.loc[parts, "value"].sum() == sales.loc[~parts, "value"].item() == total
        assert {axis for ((axis, _),) in sales.loc[parts, "dimensions"]} == {"srt:ProductOrServiceAxis"}


def test_an_instant_has_no_start_and_a_figure_keeps_its_decimals():
    facts = inline.read(
        report([Fact("Cash", 5, DAY, decimals="INF"), Fact("Sales", 7, DAY, "2025-04-01", decimals="-3")])
    ).facts
    assert facts["start"].isna().tolist() == [True, False]
    assert facts["decimals"].tolist() == [inf, -3.0]
    assert [str(kind) for kind in facts[["start", "end", "filed"]].dtypes] == ["datetime64[ns]"] * 3


@pytest.mark.parametrize("holder", ["segment", "scenario"])
def test_dimensions_stand_in_a_segment_or_a_scenario_and_are_sorted(holder):
    typed = ("us-gaap:StartDateAxis", "2026-04-01")
    facts = inline.read(report([Fact("Debt", 1, DAY, dims=(NOTE, ETH, typed))], prefix="clsk", holder=holder,
                               namespaces={"btbt": "http://btbt.example/2025"})).facts  # fmt: skip
    assert facts["dimensions"].tolist() == [(ETH, NOTE, typed)]


def test_units_are_named_as_edgar_names_them():
    units = ["USD", "shares", "USD/shares", "pure", "bitcoin", "utr:MW"]
    facts = inline.read(report([Fact(f"A{i}", 1, DAY, unit=unit) for i, unit in enumerate(units)])).facts
    assert facts["unit"].tolist() == ["USD", "shares", "USD/shares", "pure", "bitcoin", "MW"]


MEASURE = "<xbrli:measure>iso4217:USD</xbrli:measure>"
OVER, UNDER = (f"<xbrli:unit{side}>{{}}</xbrli:unit{side}>" for side in ("Numerator", "Denominator"))


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (MEASURE + "<xbrli:measure>utr:MW</xbrli:measure>", "MW*USD"),
        (f"<xbrli:divide>{OVER.format(MEASURE)}{UNDER.format(MEASURE * 2)}</xbrli:divide>", "USD/USD*USD"),
        ("", None),
        ("<xbrli:measure> </xbrli:measure>", None),
        (f"<xbrli:divide>{OVER.format(MEASURE)}{UNDER.format('')}</xbrli:divide>", None),
        (f"<xbrli:divide>{OVER.format('')}{UNDER.format(MEASURE)}</xbrli:divide>", None),
        (f"<xbrli:divide>{OVER.format(MEASURE)}</xbrli:divide>", None),
    ],
)
def test_a_unit_is_its_measures_by_name_and_one_without_a_measure_is_told(unit, name):
    content = report([Fact("Cash", 1, "2025-05-31"), Fact("Coins", 2, DAY, unit="bitcoin")]).decode()
    document = inline.read(content.replace(MEASURE, unit, 1).encode())
    assert document.facts["unit"].tolist() == (["bitcoin"] if name is None else [name, "bitcoin"])
    assert bool(document.faults) is (name is None)
    if name is None:
        assert document.faults[0] == "unit 'u-0' (line 2): no measure"


def test_nil_is_unknown_and_not_zero():
    facts = inline.read(report([Fact("Debt", None, DAY), Fact("Cash", 0, DAY, format="ixt:fixed-zero")])).facts
    assert isnan(facts["value"][0])
    assert facts["value"][1] == 0.0


def inner(value: str = "", **attributes: str) -> str:
    """A nonFraction in the context and unit of the first fact."""
    said = {"name": "us-gaap:Debt", "contextRef": "c-1", "unitRef": "u-0", "decimals": "-3", "scale": "3",
            "format": "ixt:num-dot-decimal"} | attributes  # fmt: skip
    shown = " ".join(f'{key}="{text}"' for key, text in said.items() if text)
    return f"<ix:nonFraction {shown}>{value}</ix:nonFraction>"


FIRST = Fact("Cash", 1, "2025-05-31")


def body_facts(body: str) -> dict[str, float]:
    document = inline.read(report([FIRST], body=body))
    assert document.faults == ()
    return dict(zip(document.facts["concept"], document.facts["value"], strict=True))


@pytest.mark.parametrize(
    ("blanks", "why"), [(99_987, "the file is cut off"), (99_988, "it is not XML and has no inline XBRL")]
)
def test_whether_half_a_file_is_of_a_report_is_told_by_its_beginning(blanks, why):
    with pytest.raises(EdgarFault, match=why):
        inline.read(b"<a>" + b" " * blanks + b"inlineXBRL")


def test_a_figure_inside_a_figure_is_read_for_both():
    found = body_facts(inner(inner("1,234", name="us-gaap:LongTermDebt")))
    assert (found["Debt"], found["LongTermDebt"]) == (1_234_000.0, 1_234_000.0)


def test_comments_marks_and_named_characters_inside_a_figure_do_not_count():
    found = body_facts(f"<p>&nbsp;&mdash;&amp;</p><p>{inner('1&nbsp;<!-- page 3 -->2<?page 5?>34')}</p>")
    assert found["Debt"] == 1_234_000.0


def test_figures_of_another_target_are_another_report():
    assert "Debt" not in body_facts(inner("7", target="ifrs"))


@pytest.mark.parametrize(
    ("figure", "why"),
    [
        (inner("about 7"), "us-gaap:Debt (line 2): 'about 7' is not a number written with '.' as the decimal sign"),
        (inner("7", format="ixt:num-roman"), "format 'num-roman' is not known"),
        (inner("7", contextRef="c-99"), "its context or its unit is not in the report"),
        (inner("7", unitRef="u-99"), "its context or its unit is not in the report"),
        (inner("7", unitRef=""), "its context or its unit is not in the report"),
        (inner("7", name="gone:Debt"), "name 'gone:Debt' has no declared prefix"),
        (inner("7", name="Debt"), "name 'Debt' has no declared prefix"),
        (inner("7", decimals="many"), "decimals 'many' is not a whole number or INF"),
        ('<ix:fraction name="us-gaap:Debt" contextRef="c-1" unitRef="u-0"></ix:fraction>', "ix:fraction is not read"),
    ],
)
def test_a_figure_that_cannot_be_read_is_left_out_and_named(figure, why):
    document = inline.read(report([FIRST], body=figure))
    assert document.facts["concept"].tolist() == ["Cash"]
    (fault,) = document.faults
    assert why in fault


def test_many_faults_are_counted():
    document = inline.read(report([FIRST], body=inner("x") * 60))
    assert len(document.faults) == 51
    assert document.faults[-1] == "and 10 more"


def test_a_standard_taxonomy_is_known_by_its_namespace_not_by_its_prefix():
    content = report([Fact("us-gaap:Cash", 5, DAY), Fact("clsk:Coins", 6, DAY)])
    renamed = content.replace(b"us-gaap:", b"g:").replace(b"xmlns:us-gaap", b"xmlns:g")
    assert inline.read(renamed).facts["taxonomy"].tolist() == ["us-gaap", "clsk"]
    posing = content.replace(b"http://fasb.org/us-gaap/2025", b"http://clsk.example/own")
    assert inline.read(posing).facts["taxonomy"].tolist() == ["own-us-gaap", "clsk"]


def test_a_fact_stated_twice_is_one_row_and_a_contradiction_is_named():
    facts = [Fact("Cash", 34_600_000, DAY, decimals="-5"), Fact("Cash", 34_553_000, DAY, decimals="-3", scale=3)]
    document = inline.read(report(facts))
    assert document.facts[["value", "decimals"]].to_numpy().tolist() == [[34_553_000.0, -3.0]]
    assert document.faults == ()
    document = inline.read(report([*facts, Fact("Cash", 35_000_000, DAY, decimals="-3")]))
    assert sorted(document.facts["value"]) == [34_553_000.0, 34_600_000.0, 35_000_000.0]
    assert "contradict each other" in document.faults[0]


PERIOD = b"<xbrli:instant>2025-05-31</xbrli:instant>"


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (b"<xbrli:instant>2025-06-01T00:00:00</xbrli:instant>", None, "2025-05-31"),
        (b"<xbrli:instant> 2025-05-31 </xbrli:instant>", None, "2025-05-31"),
        (b"<xbrli:startDate>2025-03-02</xbrli:startDate><xbrli:endDate>2025-05-31</xbrli:endDate>",
         "2025-03-02", "2025-05-31"),
        (b"<xbrli:startDate>2025-03-02T00:00:00</xbrli:startDate><xbrli:endDate>2025-06-01T00:00:00</xbrli:endDate>",
         "2025-03-02", "2025-05-31"),
        (b"<xbrli:startDate>2025-05-31</xbrli:startDate><xbrli:endDate>2025-05-31</xbrli:endDate>",
         "2025-05-31", "2025-05-31"),
    ],
)  # fmt: skip
def test_a_period_ends_on_its_last_day(period, start, end):
    facts = inline.read(report([FIRST]).replace(PERIOD, period)).facts
    assert facts["end"].tolist() == [pd.Timestamp(end)]
    assert facts["start"].isna().all() if start is None else facts["start"].tolist() == [pd.Timestamp(start)]


@pytest.mark.parametrize(
    "period",
    [
        b"", b"<xbrli:forever/>",
        b"<xbrli:instant>31 May 2025</xbrli:instant>", b"<xbrli:instant>2025-02-30</xbrli:instant>",
        b"<xbrli:startDate>2025-06-01</xbrli:startDate><xbrli:endDate>2025-05-01</xbrli:endDate>",
        b"<xbrli:instant>0205-05-31</xbrli:instant>",
        b"<xbrli:startDate>2025-05-01</xbrli:startDate>", b"<xbrli:endDate>2025-05-31</xbrli:endDate>",
    ],
)  # fmt: skip
def test_a_period_that_cannot_be_read_costs_its_figures_only(period):
    document = inline.read(report([FIRST, Fact("Cash", 2, DAY)]).replace(PERIOD, period))
    assert document.facts["value"].tolist() == [2.0]
    assert any(fault.startswith("context 'c-1'") for fault in document.faults)


@pytest.mark.parametrize(("name", "inside"), [("identifier", "entity"), ("period", "context")])
def test_a_context_without_whose_or_when_costs_its_figures_only(name, inside):
    content = report([FIRST, Fact("Cash", 2, DAY)]).decode()
    first = content.index('<xbrli:context id="c-1">')
    begin = content.index(f"<xbrli:{name}", first)
    end = content.index(f"</xbrli:{name}>", begin) + len(f"</xbrli:{name}>")
    document = inline.read((content[:begin] + content[end:]).encode())
    assert document.facts["value"].tolist() == [2.0]
    assert document.faults[0].startswith("context 'c-1' (line 2): no identifier or no period")


def test_a_prefix_may_be_declared_where_it_is_used():
    found = inline.read(
        report([FIRST], body=f'<div xmlns:own2="http://own2.example/1">{inner("7", name="own2:Debt")}</div>')
    )
    assert found.facts["taxonomy"].tolist() == ["us-gaap", "own2"]


def test_a_segment_that_is_no_dimension_is_not_the_whole_company():
    content = report([Fact("Cash", 1, DAY, dims=(ETH,))], namespaces={"btbt": "http://btbt.example"})
    content = content.replace(b"xbrldi:explicitMember", b"clsk:part")
    document = inline.read(content)
    assert document.facts.empty
    assert "which is no dimension" in document.faults[0]


def test_an_axis_that_stands_twice_in_a_context_is_refused():
    two = (ETH, ("srt:CryptoAssetAxis", "btbt:BTCMember"))
    document = inline.read(report([Fact("Cash", 1, DAY, dims=two)], namespaces={"btbt": "http://btbt.example"}))
    assert document.facts.empty
    assert "an axis stands in it twice" in document.faults[0]


def test_files_of_one_report_share_contexts_and_units():
    content = report([FIRST]).decode()
    head, resources = content.split("<ix:resources>")
    resources, tail = resources.split("</ix:resources>")
    first = f"{head}<ix:resources></ix:resources>{tail}".encode()
    second = f"{head.partition('<body>')[0]}<body><ix:resources>{resources}</ix:resources></body></html>".encode()
    assert inline.read([first, second]).facts["value"].tolist() == [1.0]
    assert inline.read([second, first]).name == "CLEANSPARK, INC."


def test_an_id_that_means_two_things_in_the_files_of_a_report_means_nothing():
    document = inline.read([report([FIRST]), report([Fact("Debt", 2, "2025-04-30")]), report([FIRST])])
    assert document.facts.empty
    assert "context 'c-1' means two things in the files of the report" in document.faults


def cover_fact(name: str, text: str, shape: str = "") -> str:
    shown = f' format="{shape}"' if shape else ""
    return f'<ix:nonNumeric contextRef="c-cover" name="dei:{name}"{shown}>{text}</ix:nonNumeric>'


BASE = (
    cover_fact("EntityRegistrantName", "Clean<ix:exclude>page 1</ix:exclude>Spark,\n  Inc.")
    + cover_fact("EntityCentralIndexKey", "0000827876")
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shape", "day"),
    [
        ("2025-06-30", "", "2025-06-30"),
        ("June 30, 2025", "ixt:date-monthname-day-year-en", "2025-06-30"),
        ("<b>June&#160;30, <ix:nonNumeric contextRef='c-cover' name='dei:DocumentFiscalYearFocus'>2025</ix:nonNumeric></b>",
         "ixt:datemonthdayyearen", "2025-06-30"),
        ("30 June 2025", "ixt:date-day-monthname-year-en", "2025-06-30"),
        ("Sept. 5, 2025", "ixt:date-monthname-day-year-en", "2025-09-05"),
        ("06/05/2025", "ixt:date-month-day-year", "2025-06-05"),
        ("06.05.2025", "ixt:date-day-month-year", "2025-05-06"),
    ],
)  # fmt: skip
def test_the_end_of_the_period_is_read_as_it_is_written(text, shape, day):
    body = BASE + cover_fact("DocumentType", "10-q") + cover_fact("DocumentPeriodEndDate", text, shape)
    document = inline.read(report([], cover=False, body=body))
    assert (document.name, document.form, document.period_end) == ("CleanSpark, Inc.", "10-Q", pd.Timestamp(day))
    assert document.faults == ()


@pytest.mark.parametrize(
    ("text", "shape", "day"),
    [
        ("--09-30", "", "09-30"), ("09-30", "ixt:date-month-day", "09-30"), ("12/31", "ixt:date-month-day", "12-31"),
        ("31/12", "ixt:date-day-month", "12-31"), ("September 30", "ixt:date-monthname-day-en", "09-30"),
        ("30 September", "ixt:date-day-monthname-en", "09-30"),
    ],
)  # fmt: skip
def test_the_end_of_the_fiscal_year_is_read_as_it_is_written(text, shape, day):
    body = BASE + cover_fact("DocumentType", "10-Q") + cover_fact("DocumentPeriodEndDate", DAY)
    document = inline.read(report([], cover=False, body=body + cover_fact("CurrentFiscalYearEndDate", text, shape)))
    assert (document.fiscal_year_end, document.faults) == (day, ())


def test_a_cover_that_says_nothing_or_nonsense_is_named():
    body = cover_fact("DocumentPeriodEndDate", "31 Brumaire 2025") + cover_fact("CurrentFiscalYearEndDate", "13/45")
    document = inline.read(report([], cover=False, body=body))
    assert (document.cik, document.name, document.form, document.fiscal_year_end) == ("0000827876", "", "", "")
    assert document.period_end is pd.NaT
    assert [fault.split()[0] for fault in document.faults] == [
        "dei:DocumentPeriodEndDate", "dei:CurrentFiscalYearEndDate", "dei:DocumentType", "dei:EntityRegistrantName",
    ]  # fmt: skip


def test_a_name_goes_on_elsewhere():
    body = (
        '<ix:nonNumeric contextRef="c-cover" name="dei:EntityRegistrantName" continuedAt="k1">Clean</ix:nonNumeric>'
        '<ix:continuation id="k2"> Inc.</ix:continuation><ix:continuation id="k1" continuedAt="k2">Spark,</ix:continuation>'
    )
    assert inline.read(report([], cover=False, body=body)).name == "CleanSpark, Inc."
    endless = body.replace('id="k2"', 'id="k2" continuedAt="k1"')
    assert inline.read(report([], cover=False, body=endless)).name == "CleanSpark, Inc."


@pytest.mark.parametrize(
    ("form", "amendment", "read"), [("10-Q", True, "10-Q/A"), ("10-K/A", True, "10-K/A"), ("10-K", False, "10-K")]
)
def test_an_amendment_says_so_in_its_form(form, amendment, read):
    assert inline.read(report([FIRST], form=form, amendment=amendment)).facts["form"].tolist() == [read]


def test_the_registrant_is_the_one_without_dimensions():
    owner = (("dei:LegalEntityAxis", "clsk:SubsidiaryMember"),)
    body = '<ix:nonNumeric contextRef="c-1" name="dei:EntityRegistrantName">Sub Ltd</ix:nonNumeric>' + BASE
    assert inline.read(report([Fact("Cash", 1, DAY, dims=owner)], cover=False, body=body)).name == "CleanSpark, Inc."


def test_two_companies_in_one_report_are_refused():
    content = report([FIRST])
    other = content.replace(
        b'scheme="http://www.sec.gov/CIK">0000827876', b'scheme="http://www.sec.gov/CIK">0001436229'
    )
    with pytest.raises(EdgarFault, match="10-Q of CLSK: it names several companies \\(CIK 0000827876, 0001436229\\)"):
        inline.read(other, what="10-Q of CLSK")


MEMBERS = st.lists(st.sampled_from(["clsk:AMember", "clsk:BMember", "typed text", "2026-04-01"]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Fact,
            concept=st.sampled_from(["us-gaap:Cash", "clsk:Coins", "ifrs-full:Borrowings", "dei:Count"]),
            value=st.integers(-(10**12), 10**12).map(lambda value: value * 10_000_000),
            end=st.dates(pd.Timestamp("2010-01-01").date(), pd.Timestamp("2030-01-01").date()).map(str),
            start=st.sampled_from([None, "2009-01-01"]),
            unit=st.sampled_from(["USD", "shares", "USD/shares", "bitcoin"]),
            dims=MEMBERS.map(lambda members: tuple((f"us-gaap:Axis{i}", member) for i, member in enumerate(members))),
            decimals=st.just("INF"),
            scale=st.sampled_from([-2, 0, 3, 6]),
            format=st.sampled_from(["", "ixt:num-dot-decimal", "ixt:num-comma-decimal", "ixt:numdotdecimal"]),
        ),
        max_size=8,
        unique_by=lambda fact: (fact.concept, fact.unit, fact.start, fact.end, fact.dims),
    )
)
def test_any_report_comes_back(facts):
    document = inline.read(report(facts))
    assert stated(document.facts) == [expected(fact) for fact in facts]
    assert document.faults == ()
