"""LibreOffice as an independent calculator: what is stored is what the formulas say, on every date and for every rule."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.exports import recalculate as calc
from tests.exports.conftest import NAMES
from tests.exports.reading import labelled, values
from valuation.regression import study

SMALL = "Sample: each group has at least 5 companies; else the line leads"
OLD = "Prices are current and from the requested source"
# Companies of each group where one has fewer than five, counted on the bar chart of Summary.
CHECKS_THAT_FAIL = {
    "june_2024": {SMALL},  # none against none
    "october_2026": {SMALL},  # 11 against 2: KEEL and MARA
    "old_prices": {SMALL, OLD},
    "mw25": {SMALL},  # 9 against 3
    "trailing10": {SMALL},  # 2 against 7
    "one_company": {SMALL},
    "one_without_price": {SMALL, OLD},
    "no_regression": {SMALL},
    "no_pivots": {SMALL},
    "only_pivots": {SMALL},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_equals_its_stored_value_and_none_is_an_error(shelf, name):
    volume = shelf[name]
    anew = calc.values(volume.recalculated)
    errors = {place: value for place, value in anew.items() if isinstance(value, str) and value.startswith("#")}
    assert errors == {}
    assert len(calc.formulas(volume.path)) > 60 * len(volume.screen.table)
    assert calc.differences(volume.path, volume.recalculated) == []


def test_the_comparison_notices_a_stored_value_that_is_wrong(tmp_path):
    path = calc.write_wrong(tmp_path / "wrong.xlsx")
    anew = calc.recalculate(path, tmp_path)
    found = {d.cell: (d.stored, d.recalculated) for d in calc.differences(path, anew)}
    assert set(found) == {"B2", "B3", "B4"}
    assert found["B4"][1] == "#DIV/0!"


@pytest.mark.parametrize("name", NAMES)
def test_the_cover_says_which_check_fails_and_flags_it(shelf, name):
    sheet = calc.load(shelf[name].recalculated, values=True)["Summary"]
    said = {
        sheet.cell(c.row, c.column + 1).value: c.value
        for row in sheet.iter_rows() for c in row if c.value in ("OK", "CHECK") and c.row > 8
    }  # fmt: skip
    assert len(said) == 11
    screen = shelf[name].screen
    inside = screen.gap.members.index[screen.gap.members["ev_per_mw_secured"]]
    stale = screen.marks.loc[inside, "ev_per_mw_secured"].str.contains("s").any()
    failing = CHECKS_THAT_FAIL.get(name.removesuffix("_studied"), set())
    failing = failing | ({"Sample: no EV / secured MW rests on stale data"} if stale else set())
    assert {words for words, value in said.items() if value == "CHECK"} == failing
    flags = [c.value for row in sheet.iter_rows(max_row=8) for c in row if c.value in ("OK", "CHECK")]
    assert flags == ["CHECK" if failing else "OK"]


def test_pandas_reads_numbers_in_formula_cells(january):
    frame = pd.read_excel(january.path, sheet_name="EV bridge", header=5).head(len(january.screen.table))
    frame = frame.set_index("Ticker")
    for header, metric, unit in (
        ("Enterprise value ($m)", "enterprise_value_usd", 1e6),
        ("Equity value ($m)", "equity_value_usd", 1e6),
        ("Diluted shares (m)", "diluted_shares", 1e6),
    ):
        expected = (january.screen.table[metric] / unit).dropna()
        read = pd.to_numeric(frame[header], errors="coerce").dropna()
        pd.testing.assert_series_equal(read, expected, check_names=False, check_index_type=False, rtol=1e-11)
        assert len(read) > 10


def test_the_sheets_show_the_screen(january):
    book = calc.load(january.recalculated, values=True)
    table = january.screen.table
    for sheet, header, metric, unit in (
        ("Screen", "EV / secured MW ($m per MW)", "ev_per_mw_secured", 1.0),
        ("Screen", "AI share, contracted (%)", "ai_share_contracted", 1.0),
        ("Screen", "Backlog ($m)", "backlog_usd", 1e6),
        ("Multiples", "Weighted (gross MW)", "weighted_mw", 1.0),
        ("Screen", "Leased share of secured MW (%)", "leased_share", 1.0),
        ("Multiples", "EV / NTM revenue (x)", "ev_to_ntm_revenue", 1.0),
        ("Multiples", "EV / NTM EBITDA (x)", "ev_to_ntm_ebitda", 1.0),
        ("Multiples", "Completed EV ($m)", "completed_ev_usd", 1e6),
        ("Multiples", "Completed EV / contracted AI MW ($m per MW)", "ev_per_mw_ai_contracted_it", 1.0),
        ("Multiples", "EV / consensus revenue (x)", "ev_to_consensus_revenue", 1.0),
        ("Summary", "Contracted AI revenue a year ($m)", "contracted_revenue_usd", 1e6),
    ):
        shown = {t: v for t, v in values(book, sheet, header).items() if isinstance(v, (int, float))}
        assert shown == pytest.approx((table[metric] / unit).dropna().to_dict(), rel=1e-9), (sheet, header)
    assert values(book, "Screen", "Group") == table["group"].fillna("n/a").to_dict()


def test_the_worked_example_of_riot_stands_in_the_file(january):
    """The issue's own arithmetic, by hand, from the filings' figures."""
    book = calc.load(january.recalculated, values=True)
    equity = 19.24 * (371.807186 + 594.4 / 14.86)
    assert values(book, "EV bridge", "Equity value ($m)")["RIOT"] == pytest.approx(equity, rel=1e-9)
    assert values(book, "EV bridge", "Debt not converted ($m)")["RIOT"] == pytest.approx(871.8 - 594.4, abs=0.1)
    assert values(book, "EV bridge", "Bitcoin counted ($m)")["RIOT"] == pytest.approx(
        16_925 * 95_491.29 / 1e6, rel=1e-9
    )
    # capacity.csv on the day: 1.7 GW approved in Texas and about 0.1 GW in Kentucky.
    assert values(book, "Multiples", "Secured (gross MW)")["RIOT"] == 1800


def test_the_gap_of_the_run_and_its_p_values_are_shown_for_every_definition(shelf):
    for volume in shelf.values():
        frame = volume.screen.gap.frame
        book = calc.load(volume.recalculated, values=True)
        sheet = book["Gap"]
        titles = [c.value for c in sheet[6]]
        rows = [dict(zip(titles, [c.value for c in sheet[7 + k]], strict=True)) for k in range(len(frame))]
        assert [row["Part"] for row in rows] == ["Headline", *["Per MW"] * 11, *["Other"] * 8]
        for row, record in zip(rows, frame.to_dict("records"), strict=True):
            for header, key in (
                ("Gap: ratio (x)", "ratio"), ("Gap, fixed at run (x)", "ratio"), ("p, fixed at run", "p_value"),
                ("Interval low, fixed at run (x)", "low"), ("Interval high, fixed at run (x)", "high"),
                ("Level reached, fixed at run (%)", "level_reached"),
                ("p, smallest attainable, fixed at run", "attainable_p"),
            ):  # fmt: skip
                # Beside a ratio of levels there is no interval to be known.
                absent = "n/a" if key == "ratio" or record["statistic"] == "hodges_lehmann" else None
                expected = absent if pd.isna(record[key]) else pytest.approx(record[key], rel=1e-9)
                assert row[header] == expected, (record["metric"], record["statistic"], header)
            assert (row["n pivot"], row["n bitcoin"]) == (record["n_pivot"], record["n_bitcoin"])


@pytest.mark.parametrize("name", NAMES)
def test_the_typical_ratio_is_the_median_over_the_pairs_that_stand_below_it(shelf, name):
    """Pair by pair, from the members' cells as a person reads them; fewer than three in a group give none."""
    book = calc.load(shelf[name].recalculated, values=True)
    titles = [c.value for c in book["Gap"][6]]
    rows = [dict(zip(titles, [c.value for c in book["Gap"][7 + k]], strict=True)) for k in range(20)]
    typical = {row["Multiple (its unit)"]: row["Gap: ratio (x)"] for row in rows[::4]}
    assert [row["Ratio of AI group to mining group"] for row in rows[::4]] == ["typical ratio"] * 5
    for multiple, shown in typical.items():
        groups = [values(book, "Gap", f"{group}: {multiple}", below="Members of") for group in ("Pivot", "Bitcoin")]
        first, second = ([v for v in group.values() if isinstance(v, (int, float))] for group in groups)
        if min(len(first), len(second)) < 3:
            assert shown == "n/a"
            continue
        pairs = [math.log(a) - math.log(b) for a in first for b in second]
        assert shown == pytest.approx(math.exp(statistics.median(pairs)), rel=1e-9), multiple


def test_the_exact_test_of_january_is_scipys(january):
    """Seven against six without ties, in the cells of the sheet."""
    book = calc.load(january.recalculated, values=True)
    row = dict(zip([c.value for c in book["Gap"][6]], [c.value for c in book["Gap"][7]], strict=True))
    groups = [
        values(book, "Gap", f"{g}: EV / secured MW ($m per MW)", below="Members of") for g in ("Pivot", "Bitcoin")
    ]
    first, second = ([v for v in group.values() if isinstance(v, (int, float))] for group in groups)
    assert (len(first), len(second)) == (row["n pivot"], row["n bitcoin"]) == (7, 6)
    exact = stats.mannwhitneyu(first, second, method="exact")
    assert row["p, fixed at run"] == pytest.approx(exact.pvalue, rel=1e-9)
    assert row["p, smallest attainable, fixed at run"] == pytest.approx(2 / math.comb(13, 6), rel=1e-9)
    # The interval ends where scipy's test of shifted values stops rejecting.
    for end, outside in (("low", 0.9999), ("high", 1.0001)):
        limit = row[f"Interval {end}, fixed at run (x)"]
        inside = stats.mannwhitneyu(first, [v * limit / outside for v in second], method="exact").pvalue
        beyond = stats.mannwhitneyu(first, [v * limit * outside for v in second], method="exact").pvalue
        assert beyond <= 0.05 < inside
        assert 1 - beyond == pytest.approx(row["Level reached, fixed at run (%)"], rel=1e-9)


def test_where_a_group_is_small_the_cover_leads_with_line_and_terciles(shelf):
    """11 against 2 in October 2026. Line and terciles by numpy and by hand, from the companies of the sheet Regression."""
    book = calc.load(shelf["october_2026_studied"].recalculated, values=True)
    sheet = book["Summary"]
    cover = {sheet.cell(4, c).value: sheet.cell(5, c).value for c in range(2, 11)}
    share = values(book, "Regression", "AI share, contracted (%)", below="Companies in the regression")
    value = values(book, "Regression", "EV / secured MW ($m per MW)", below="Companies in the regression")
    group = values(book, "Regression", "Group, fixed at run", below="Companies in the regression")
    assert len(share) == 13
    slope = np.polyfit(list(share.values()), np.log(list(value.values())), 1)[0]
    mean = statistics.mean(share[t] for t in share if group[t] == "pivot")
    assert cover["Gap implied by the line"] == pytest.approx(math.exp(slope * mean), rel=1e-9)
    line = shelf["october_2026_studied"].screen.regression
    for end in ("low", "high"):
        limit = math.exp(getattr(line.wild, end) * mean)
        assert cover[f"95% interval, {end}"] == pytest.approx(limit, rel=1e-9)
    # 13 companies by share, two of them with none: the four lowest, five in the middle, the four highest.
    ordered = sorted(share, key=share.__getitem__)
    for name, part in (("lowest", ordered[:4]), ("middle", ordered[4:9]), ("highest", ordered[9:])):
        assert cover[f"AI share: {name} tercile"] == pytest.approx(statistics.median(value[t] for t in part), rel=1e-9)
    assert (cover["n AI group"], cover["n mining group"]) == (11, 2)
    assert "Gap per secured MW" not in cover
    assert str(sheet["A9"].value).startswith("4 of 13 EV per secured MW rest on stale facts (oldest: ")
    assert str(sheet["A10"].value).startswith("With 2 mining companies there is no group comparison")


def test_where_the_groups_are_large_enough_the_cover_leads_with_the_typical_ratio(january):
    sheet = calc.load(january.recalculated, values=True)["Summary"]
    cover = {sheet.cell(4, c).value: sheet.cell(5, c).value for c in range(2, 11)}
    # 42 ratios of 7 companies to 6; the value and its interval stand in the terms of the rebuild.
    assert cover["Gap per secured MW"] == pytest.approx(2.69, abs=0.005)
    assert cover["95% interval, low"] == pytest.approx(1.62, abs=0.005)
    assert cover["95% interval, high"] == pytest.approx(6.20, abs=0.005)
    assert cover["p of the gap"] == pytest.approx(0.0023, abs=0.00005)


def test_the_regression_and_its_small_sample_methods_are_shown(january):
    book = calc.load(january.recalculated, values=True)
    line = january.screen.regression
    assert labelled(book, "Regression", "Slope: from share 0 to 100%", 4).value == pytest.approx(line.slope, rel=1e-9)
    assert labelled(book, "Regression", "R squared", 4).value == pytest.approx(line.r_squared, rel=1e-9)
    premium = labelled(book, "Regression", "Premium per MW, share 0 to 100% (%)", 4).value
    assert premium == pytest.approx(line.premium, rel=1e-9)
    frame = study.with_hc2(line).frame
    for method, p in frame["p"].items():
        assert labelled(book, "Regression", str(method), 7).value == pytest.approx(p, rel=1e-11)
    assert frame["p"].iloc[0] == line.wild.p_value


@pytest.mark.long
def test_where_there_is_no_line_no_number_stands_for_it(shelf):
    book = calc.load(shelf["no_regression"].recalculated, values=True)
    assert labelled(book, "Regression", "Slope: from share 0 to 100%", 4).value == "n/a"
    assert labelled(book, "Regression", "Premium per MW, share 0 to 100% (%)", 4).value == "n/a"
    text = " ".join(str(c.value) for row in book["Summary"].iter_rows() for c in row)
    assert "Regression not available: a regression needs at least 5 companies, the sample has 3." in text
