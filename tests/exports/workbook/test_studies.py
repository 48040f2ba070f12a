"""The sheets of the studies show what the studies say, and nothing as a number that cannot be measured."""

from __future__ import annotations

import re
import zipfile
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from exports.tables.machine import in_words
from exports.tables.screen import screen_page
from exports.workbook.sheets.specification_curve import choices
from tests import answers
from tests.exports import recalculate as calc
from tests.exports.conftest import LONG, Volume
from tests.exports.reading import labelled
from valuation.gap.membership import REASONS
from valuation.revenue_mix import mix

STUDIED = ["january_studied", "october_2026_studied", "june_2024_studied", "one_without_price_studied"]


@pytest.mark.parametrize("name", ["january_studied", "october_2026_studied"])
def test_the_first_sheet_answers_five_questions(shelf, name):
    wanted = answers.of_run(in_words(screen_page(shelf[name].screen).content))
    assert answers.missing(answers.on_first_sheet(shelf[name].path), wanted) == []


def table(volume: Volume, sheet: str, first: str, below: str = "") -> pd.DataFrame:
    """A table by its headers, from the header row whose column A says `first` to the first empty cell beneath it."""
    page = calc.load(volume.recalculated, values=True)[sheet]
    started, head = not below, None
    for row in range(1, page.max_row + 1):
        started = started or str(page.cell(row, 1).value).startswith(below)
        if started and page.cell(row, 1).value == first:
            head = row
            break
    assert head is not None, (sheet, first)
    titles = [page.cell(head, c).value for c in range(1, page.max_column + 1)]
    rows, row = [], head + 1
    while page.cell(row, 1).value not in (None, "") or page.cell(row, 2).value not in (None, ""):
        rows.append([page.cell(row, c).value for c in range(1, page.max_column + 1)])
        row += 1
    frame = pd.DataFrame(rows, columns=titles)
    return frame.loc[:, [t is not None for t in titles]]


def text(volume: Volume, sheet: str) -> str:
    page = calc.load(volume.recalculated, values=True)[sheet]
    return "\n".join(str(c.value) for row in page.iter_rows() for c in row if isinstance(c.value, str))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in STUDIED])
def test_the_curve_shows_every_definition_once_sorted_and_the_unmeasurable_without_a_number(shelf, name):
    volume = shelf[name]
    curve = volume.screen.studies.gap.curve
    page = calc.load(volume.recalculated, values=True)["Specification curve"]
    (head,) = [c.row for c in page["A"] if c.value == "Rank"]
    rows = [[page.cell(head + 1 + k, c).value for c in range(1, 13)] for k in range(len(curve.frame))]
    measured = len(curve.measured)
    ratios = [row[1] for row in rows[:measured]]
    assert ratios == pytest.approx(sorted(curve.measured["ratio"]), rel=1e-9)
    assert [row[0] for row in rows[:measured]] == list(range(1, measured + 1))
    for row in rows[measured:]:
        assert row[1:5] == ["n/a"] * 4
        assert row[0] is None
        assert row[7:] == [None] * 5
    significant = sum(isinstance(row[9], float) for row in rows)
    assert significant == (curve.measured["p_value"] <= 0.05).sum()
    # Interval of the typical ratios alone.
    assert sum(isinstance(row[2], float) for row in rows) == (curve.measured["statistic"] == "hodges_lehmann").sum()
    headline = [row[11] for row in rows if row[11] is not None]
    expected = curve.headline["ratio"].dropna()
    assert headline == pytest.approx(list(expected), rel=1e-9)


def test_the_matrix_marks_exactly_the_choices_of_each_definition(studied):
    curve, made_of = studied.screen.studies.gap.curve, choices(SimpleNamespace(screen=studied.screen))
    page = calc.load(studied.recalculated, values=True)["Specification curve"]
    (head,) = [c.row for c in page["A"] if c.value == "Rank"]
    first = 13
    ordered = curve.measured.sort_values("ratio", kind="stable").to_dict("records")
    for k, row in enumerate(ordered):
        marks = [page.cell(head + 1 + k, first + c).value for c in range(len(made_of))]
        made = [row[axis] == value for axis, value, _ in made_of]
        assert [mark is not None for mark in marks] == made, k
        assert [mark for mark in marks if mark is not None] == [
            len(made_of) - c for c, is_so in enumerate(made) if is_so
        ]
    assert page.cell(head, first).value == "EV / secured MW"


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in STUDIED])
def test_a_week_that_cannot_be_measured_has_a_reason_and_no_number(shelf, name):
    volume = shelf[name]
    if name == "one_without_price_studied":  # no company has a close, so there is no week
        assert volume.screen.studies.gap.history is None
        assert "History not available: no weekly close between 2024-01-05 and 2026-01-16." in text(volume, "Gap")
        return
    frame = volume.screen.studies.gap.history.frame
    shown = table(volume, "Gap", "Week", below="Headline gap by week")
    assert list(pd.to_datetime(shown["Week"])) == list(frame.index)
    numbers = [
        "Gap, typical ratio, fixed at run (x)",
        "Interval low, fixed at run (x)",
        "Interval high, fixed at run (x)",
        "p, fixed at run",
        "Level reached, fixed at run (%)",
    ]
    for (_, record), row in zip(frame.iterrows(), shown.to_dict("records"), strict=True):
        values = [row[c] for c in numbers]
        smallest = min(record["n_pivot"], record["n_bitcoin"])
        band = row["Band low, all weeks at once, fixed at run (x)"]
        assert pd.isna(band) if pd.isna(record["band_low"]) else band == pytest.approx(record["band_low"], rel=1e-9)
        if smallest >= 3:
            expected = [record[key] for key in ("ratio", "low", "high", "p_value", "level_reached")]
            assert values == pytest.approx(expected, rel=1e-9)
            assert values[1] <= values[0] <= values[2]
            assert pd.isna(row["Reason for no estimate"]) or row["Reason for no estimate"] == ""
        else:
            assert all(pd.isna(v) for v in values)
            assert row["Reason for no estimate"].startswith("fewer than 3 in the" if smallest else "no company in")
    assert shown["n pivot, fixed at run"].tolist() == frame["n_pivot"].tolist()


@pytest.mark.parametrize("name", ["january_studied", "october_2026_studied"])
def test_the_companies_present_throughout_stand_beside_the_weeks(shelf, name):
    frame = shelf[name].screen.studies.gap.history.throughout.frame
    shown = table(shelf[name], "Gap", "Week", below="Headline gap by week")
    told = pd.to_numeric(shown["Gap, present throughout, fixed at run (x)"])
    assert told.tolist() == pytest.approx(frame["ratio"].tolist(), rel=1e-9, nan_ok=True)
    assert told.notna().sum() > 30
    known = (frame["n_pivot"] > 0).to_numpy()
    for group in ("pivot", "bitcoin"):
        sizes = shown[f"n {group}, present throughout, fixed at run"]
        assert sizes[known].tolist() == frame.loc[known, f"n_{group}"].tolist()
        assert sizes[~known].isna().all()


@pytest.mark.parametrize("name", ["january_studied", "october_2026_studied"])
def test_without_each_tenant_as_python_says(shelf, name):
    frame = shelf[name].screen.tenants.frame
    shown = table(shelf[name], "Gap", "Part", below="Leave one tenant out")
    assert shown["Tenant or guarantor of signed leases"].tolist() == frame["party"].tolist()
    assert shown["Excluded"].tolist() == frame["excluded"].tolist()
    assert shown["n excluded"].tolist() == frame["companies"].tolist()
    leads = name == "october_2026_studied"
    column = "line" if leads else "ratio"
    titles = {"ratio": "Headline gap without them, fixed at run (x)",
              "line": "Line without them, share 0 to 100%, fixed at run (x)"}  # fmt: skip
    assert shown[titles[column]].tolist() == pytest.approx(frame[column].tolist(), rel=1e-9)
    if leads:
        assert shown[titles["ratio"]].eq("n/a").all()
        assert shown["Note"].eq("2 companies in the mining group, an estimate needs 3").all()
    else:
        assert shown[titles["line"]].isna().all()


@pytest.mark.parametrize("name", ["january_studied", "october_2026_studied"])
def test_the_weeks_say_who_entered_left_or_changed_group(shelf, name):
    """Read back from the sheet, the sentences move the numbers of companies from week to week."""
    shown = table(shelf[name], "Gap", "Week", below="Headline gap by week")
    member: dict[str, str] = {}
    for row in shown.to_dict("records"):
        said = row["Entries, exits, changes of group"]
        for part in said.split("; ") if isinstance(said, str) and said else ():
            tickers, move, group, reason = re.fullmatch(
                r"([A-Z, ]+) (to|out of) the (AI|mining) group \(([a-z ]+)\)", part
            ).groups()
            assert reason in REASONS
            for ticker in tickers.split(", "):
                if move == "to":
                    member[ticker] = group
                else:
                    assert member.pop(ticker) == group
        sizes = [sum(g == group for g in member.values()) for group in ("AI", "mining")]
        assert sizes == [row["n pivot, fixed at run"], row["n bitcoin, fixed at run"]], row["Week"]
    assert len(member) == 13


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in STUDIED])
def test_the_mix_sums_what_companies_reported(shelf, name):
    volume = shelf[name]
    sector = volume.screen.studies.mix.sector
    shown = table(volume, "Revenue mix", "Quarter", below="By quarter").set_index("Quarter")
    assert list(shown.index) == [str(q) for q in sector.index]
    for header, column in (
        ("Bitcoin share (%)", "bitcoin_share"), ("Lower bound, all companies (%)", "lowest"),
        ("Upper bound, all companies (%)", "highest"),
        ("AI share, recurring (%)", "ai_share"),
    ):  # fmt: skip
        for value, expected in zip(shown[header], sector[column], strict=True):
            assert value == ("n/a" if pd.isna(expected) else pytest.approx(expected, rel=1e-9)), header
    for header, column in (("n with mining and total", "n_bitcoin"), ("Companies with a total", "n_total")):
        assert shown[header].tolist() == sector[column].tolist()
    drawn = shown["Chart: bitcoin (%)"]
    assert [pd.isna(v) for v in drawn] == sector["bitcoin_share"].isna().tolist()


def test_a_changed_report_moves_the_mix_as_python_says(studied, tmp_path):
    mixed = studied.screen.studies.mix.mixed.copy()
    book = openpyxl.load_workbook(studied.path)
    sheet = book["Revenue mix"]
    firsts = {r: (sheet.cell(r, 1).value, sheet.cell(r, 3).value) for r in range(1, sheet.max_row)}
    (head,) = [r for r, pair in firsts.items() if pair == ("Ticker", "Quarter")]
    (row,) = [r for r, pair in firsts.items() if pair == ("CLSK", "2025Q3") and r > head]
    titles = {sheet.cell(head, c).value: c for c in range(1, sheet.max_column + 1)}
    sheet.cell(row, titles["Mining ($m)"]).value = 100.0
    mine = (mixed["ticker"] == "CLSK") & (mixed["quarter"] == pd.Period("2025Q3"))
    assert mine.sum() == 1
    mixed.loc[mine, ["mining_usd"]] = 100e6
    book.save(tmp_path / "changed.xlsx")
    anew = calc.recalculate(tmp_path / "changed.xlsx", tmp_path)
    page = calc.load(anew, values=True)["Revenue mix"]
    (head,) = [r for r in range(1, page.max_row) if page.cell(r, 1).value == "Quarter"]
    columns = {page.cell(head, c).value: c for c in range(1, page.max_column + 1)}
    quarter = next(r for r in range(head, page.max_row) if page.cell(r, 1).value == "2025Q3")
    expected = mix.sector(mixed).loc[pd.Period("2025Q3")]
    assert page.cell(quarter, columns["Bitcoin share (%)"]).value == pytest.approx(expected["bitcoin_share"], rel=1e-9)
    assert page.cell(quarter, columns["Lower bound, all companies (%)"]).value == pytest.approx(
        expected["lowest"], rel=1e-9
    )
    before = studied.screen.studies.mix.sector.loc[pd.Period("2025Q3"), "bitcoin_share"]
    assert abs(expected["bitcoin_share"] - before) > 0.01


def test_the_checks_beside_the_line_are_those_of_the_study(studied):
    study = studied.screen.studies.line
    book = calc.load(studied.recalculated, values=True)

    def shown(label: str, col: int = 4) -> float:
        return labelled(book, "Regression", label, col).value

    assert shown("Placebo: slope of the trailing share (ln)") == pytest.approx(study.placebo.line.slope, rel=1e-9)
    assert shown("Placebo: slope of the trailing share (ln)", 7) == pytest.approx(study.placebo.wild.p_value, rel=1e-9)
    leased = "Second regressor: slope of the leased share (ln)"
    assert shown(leased) == pytest.approx(study.leased.line.slope, rel=1e-9)
    assert (shown(leased, 7), shown(leased, 8)) == (
        pytest.approx(study.leased.wild.p_value, rel=1e-9), study.leased.line.n
    )  # fmt: skip
    for control, title in (("leverage", "debt not converted over EV"), ("ln_secured_mw", "ln of secured MW")):
        assert shown(f"Slope controlling for {title} (ln)") == pytest.approx(
            study.controls.at[control, "slope"], rel=1e-9
        )
    assert shown("Slope by Theil-Sen (ln)") == pytest.approx(study.lines.at["Theil-Sen", "slope"], rel=1e-9)
    assert shown("Leave-one-out R squared") == pytest.approx(study.leave_one_out_r2, rel=1e-9)
    assert shown("Smallest detectable premium (%)") == pytest.approx(study.power.detectable_premium, rel=1e-9)
    panel = "Panel of quarter ends: slope within companies (ln)"
    assert (shown(panel), shown(panel, 8)) == (pytest.approx(study.panel.slope, rel=1e-9), study.panel.n)


def test_the_events_are_those_of_the_study(studied):
    happened = studied.screen.studies.events
    page = calc.load(studied.recalculated, values=True)["Events"]
    heads = [r for r in range(1, page.max_row) if page.cell(r, 1).value == "Date"]
    for head, study in zip(heads, (happened.contracts, happened.raises), strict=True):
        names = [page.cell(head + 1 + k, 2).value for k in range(len(study.events))]
        assert names == study.events["ticker"].tolist()
        assert not page.cell(head + 1 + len(names), 2).value
    tests = [r for r in range(1, page.max_row) if page.cell(r, 1).value == "Window"]
    row = happened.contracts.tests.set_index(["window", "sample"]).loc[("[0]", "all")]
    columns = {page.cell(tests[0], c).value: c for c in range(1, page.max_column + 1)}
    for header, key in (("Mean (%)", "mean"), ("p, Kolari-Pynnonen", "kp_p"), ("n events", "n"), ("p, rank", "rank_p")):
        assert page.cell(tests[0] + 1, columns[header]).value == pytest.approx(row[key], rel=1e-9)


def test_the_weeks_around_signing_are_those_of_the_study(studied):
    study = studied.screen.studies.signing
    page = calc.load(studied.recalculated, values=True)["Signing"]
    head = next(r for r in range(1, page.max_row) if page.cell(r, 1).value == "Week")
    columns = {page.cell(head, c).value: c for c in range(1, page.max_column + 1)}
    assert [page.cell(head + 1 + k, 1).value for k in range(40)] == list(range(-13, 27))
    for name, title in (("price", "Price"), ("ev_per_mw", "EV per secured MW")):
        ratio, low = (f"{title}, {what}, fixed at run (x)" for what in ("signers over not yet signed", "interval low"))
        for week in (-13, 0, 13, 26):
            row = study.weeks.loc[(name, week)]
            for header, expected in ((ratio, row["ratio"]), (low, row["low"])):
                found = page.cell(head + 14 + week, columns[header]).value
                assert found == (None if np.isnan(expected) else pytest.approx(expected, rel=1e-9))
    assert study.weeks.loc[("price", 0), "low"] < study.weeks.loc[("price", 0), "ratio"]
    below = page.cell(head + 14, columns["Price, ratio less interval low (x)"])
    row = study.weeks.loc[("price", 0)]
    assert below.value == pytest.approx(row["ratio"] - row["low"], rel=1e-9)
    titles = [chart for chart in charts(studied) if "around the first AI contract" in chart]
    assert len(titles) == 2
    for chart in titles:
        assert "weeks from the first close after the announcement" in chart
        assert "ratio (x), log scale, week -1 = 1" in chart


@pytest.mark.parametrize("sheet", ["Gap", "Specification curve", "Regression", "Revenue mix", "Events", "Signing"])
def test_every_sheet_says_n_method_draws_and_seed_and_what_can_be_said(studied, sheet):
    said = text(studied, sheet)
    seed = studied.screen.assumptions.seed
    assert "Findings and limitations" in said
    assert "Limitation: " in said
    assert re.search(r"\bn = \d|\bn is in|\bn, fixed at run|\bn\b", said)
    if sheet in ("Revenue mix", "Events"):
        assert "no seed" in said
    else:
        assert f"seed {seed}" in said
        assert re.search(r"B = [\d,]+", said)


@pytest.mark.long
def test_where_nothing_can_be_measured_the_sheets_say_so(shelf):
    volume = shelf["june_2024_studied"]
    assert "None of 960 specifications has three companies in each group" in text(volume, "Specification curve")
    assert "Regression not available" in text(volume, "Regression")
    assert "a trend needs 30" in text(volume, "Gap")
    empty = shelf["one_without_price_studied"]
    assert "no close of a miner is known" in text(empty, "Events")
    for name in ("Specification curve", "Events"):
        page = calc.load(empty.recalculated, values=True)[name]
        decimals = [c.value for row in page.iter_rows() for c in row if isinstance(c.value, float) and c.value % 1]
        assert decimals == []


def charts(volume: Volume) -> list[str]:
    with zipfile.ZipFile(volume.path) as archive:
        return [archive.read(n).decode() for n in sorted(archive.namelist()) if n.startswith("xl/charts/chart")]


def test_the_charts_are_native(studied):
    drawn = charts(studied)
    heads = [re.findall(r"<a:t>([^<]*)</a:t>", chart)[0] for chart in drawn]
    dated = "; bundled closes to 2026-01-16"
    assert [head for head in heads if not head.endswith(dated)] == []
    titles = [head.removesuffix(dated) for head in heads]
    # The workbook holds the charts of net asset value too; test_nav_sheets.py tests those.
    # Brief shows the line and the history again.
    assert {title for title in titles if titles.count(title) > 1} == {
        f"EV per secured MW and contracted AI share, n = {studied.screen.regression.n}",
        "Headline gap since January 2024, point in time; bars: 95% interval of each week",
    }
    assert set(titles) >= {
        "EV per secured MW by company",
        "Valuation gap by definition, fixed at run time; 1.0x is no gap",
        "Headline gap since January 2024, point in time; bars: 95% interval of each week",
        "Number of companies by group",
        f"Gap under {len(studied.screen.studies.gap.curve.measured)} specifications, sorted; "
        "bars: 95% intervals of typical ratios",
        "Choices of each specification above",
        f"EV per secured MW and contracted AI share, n = {studied.screen.regression.n}",
        "Revenue by part; n companies report a total",
        "Shares of revenue, with bounds for companies without a split",
        f"Contract announcements by date, n = {len(studied.screen.studies.events.contracts.events)}",
        "Capital raises: mean excess return by window, all events",
    }
    for chart in drawn:
        assert "#REF!" not in chart


def test_error_bars_reach_the_ends_of_the_intervals(studied):
    (curve,) = [chart for chart in charts(studied) if "specifications, sorted" in chart]
    page = calc.load(studied.path, values=True)["Specification curve"]
    (head,) = [c.row for c in page["A"] if c.value == "Rank"]
    measured = len(studied.screen.studies.gap.curve.measured)
    for side, column in (("plus", "I"), ("minus", "H")):
        place = re.search(rf"<c:{side}>.*?<c:f>([^<]*)</c:f>", curve).group(1)
        assert place == f"'Specification curve'!${column}${head + 1}:${column}${head + measured}"
    with_interval = 0
    for row in range(head + 1, head + 1 + measured):
        ratio, low, high = (page.cell(row, c).value for c in (2, 3, 4))
        if isinstance(low, float):
            with_interval += 1
            assert page.cell(row, 8).value == pytest.approx(ratio - low, rel=1e-9)
            assert page.cell(row, 9).value == pytest.approx(high - ratio, rel=1e-9)
        else:
            assert page.cell(row, 8).value is None
    assert with_interval == measured / 4  # one statistic of four


@pytest.mark.long
def test_no_chart_of_a_screen_without_groups_draws_a_line_from_nothing(shelf):
    drawn = charts(shelf["june_2024_studied"])
    assert not [chart for chart in drawn if "Headline gap since" in chart or "specifications, sorted" in chart]
    assert "Valuation gap by definition, fixed at run time; 1.0x is no gap" not in " ".join(drawn)
