"""The brief: five questions are answered in its text, and no sentence contradicts the headline of any week."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from exports.html.render import document
from exports.html.report import sections
from exports.tables.machine import in_words
from exports.tables.screen import screen_page
from exports.terminal.render import console, print_page
from screener import pipeline, universes
from tests import answers
from valuation.assumptions import Assumptions
from valuation.brief import FRESHNESS, GAP_POINT, LIMITS, NO_EARLIER_RUN, QUESTIONS, STANDING, WEEK, brief
from valuation.comparison.changes import Snapshot, compare
from valuation.gap.lead import LINE
from valuation.report import Report
from valuation.status import shown

FEW = replace(Assumptions(), bootstrap_draws=199)
READ = ("2026-01-16", "2026-10-05", "2026-11-29")


@pytest.fixture(scope="module")
def universe():
    return universes.load("miners")


@pytest.fixture(scope="module")
def reports(universe):
    return {
        day: pipeline.run(universe, pd.Timestamp(day), source="bundled", assumptions=FEW, nav=True, scenarios=[])
        for day in READ
    }


@pytest.mark.parametrize("day", READ)
def test_a_reader_finds_five_answers(reports, day):
    report = reports[day]
    told = brief(report)
    assert [point.name for point in told.points] == list(QUESTIONS)
    # What is the gap, and how sure is it? Ratio, interval and p of what leads, as the screen has them.
    text = told[GAP_POINT].text
    lead = report.lead.line if report.lead.leads == LINE else None
    ratio, low, high, p = (
        (lead.ratio, lead.low, lead.high, lead.p)
        if lead is not None
        else tuple(report.gap.headline[name] for name in ("ratio", "low", "high", "p_value"))
    )
    assert f"{ratio:.1f}x" in text
    assert f"{low:.1f}x to {high:.1f}x" in text
    assert "p < 0.001" in text if p < 0.001 else f"p = {p:.3f}" in text
    # What changed? Without an earlier run nothing is claimed.
    assert told[WEEK].text == NO_EARLIER_RUN
    # Who is cheap? The lowest against the line, by a plain loop, with its interval.
    usable = {
        ticker: row
        for ticker, row in report.table.iterrows()
        if report.status.at[ticker, "premium_to_line"] in ("ok", "stale", "proxy") and row["excluded"] == ""
    }
    cheap = min(usable, key=lambda ticker: usable[ticker]["premium_to_line"])
    dear = max(usable, key=lambda ticker: usable[ticker]["premium_to_line"])
    assert f"{cheap} {'traded' if report.gap.basis.closes_old else 'trades'}" in told[STANDING].text
    assert f"{abs(usable[dear]['premium_to_line']):.0%} above the line" in told[STANDING].text
    # What is stale? The count of companies of the headline with a stale figure, by a plain loop.
    inside = [ticker for ticker in report.table.index if report.gap.members.at[ticker, "ev_per_mw_secured"]]
    stale = [t for t in inside if "stale" in shown(report.status, report.marks).at[t, "ev_per_mw_secured"]]
    assert f"{len(stale)} of {len(inside)} EV per secured MW rest on" in told[FRESHNESS].text
    # What cannot be said?
    assert "does not show that" in told[LIMITS].text


def test_prices_to_nav_are_those_of_comparable_companies(reports):
    report = reports["2026-10-05"]
    told = brief(report).standing["price_to_nav"].dropna()
    nav = report.nav.nav.table.droplevel("as_of")["p_nav_dcf"]
    pd.testing.assert_series_equal(told, nav.reindex(told.index), check_names=False)
    text = brief(report)[STANDING].text
    assert f"cheapest {told.idxmin()} at" in text
    assert f"the dearest is {told.idxmax()} at {told.max():.1f}x NAV" in text
    assert brief(reports["2026-11-29"]).standing["price_to_nav"].isna().all()  # every price is too old to compare


def test_old_closes_are_dated_and_in_the_past_tense(reports):
    told = brief(reports["2026-11-29"])
    assert told[FRESHNESS].title == "Prices are out of date"
    for name in (GAP_POINT, STANDING):
        assert " trades " not in told[name].text
        assert " implies " not in told[name].text
    assert "On the closes of 5 October 2026" in told[GAP_POINT].text


def test_the_week_states_moves_as_the_two_screens_have_them(universe, reports):
    old = pipeline.run(universe, pd.Timestamp("2026-09-25"), source="bundled", assumptions=FEW)
    new = reports["2026-10-05"]
    told = brief(new, compare(Snapshot.of(old), Snapshot.of(new)))[WEEK]
    assert told.title == "Since 25 September 2026"
    moves = (new.table["ev_per_mw_secured"] / old.table["ev_per_mw_secured"] - 1)[new.table["excluded"] == ""].dropna()
    largest = moves.abs().idxmax()
    assert f"Largest moves in EV per secured MW: {largest} {moves[largest]:+.0%}" in told.text
    same = old.table["group"].reindex(new.table.index).dropna() == new.table["group"].dropna()
    assert ("No company changed group." in told.text) == bool(same.all())


def test_a_change_of_settings_is_not_the_markets(universe, reports):
    other = replace(FEW, cap_rate_exit=FEW.cap_rate_exit + 0.01)
    old = pipeline.run(universe, pd.Timestamp("2026-09-25"), source="bundled", assumptions=other)
    told = brief(reports["2026-10-05"], compare(Snapshot.of(old), Snapshot.of(reports["2026-10-05"])))
    assert "1 setting of the two runs differs, so not every change is the market's." in told[WEEK].text


@pytest.mark.parametrize(("day", "earlier"), [("2026-01-16", "2026-01-09"), ("2026-10-05", "2026-09-25")])
def test_page_and_terminal_open_with_the_five_answers_and_each_is_missed(universe, reports, capsys, day, earlier):
    report, before = reports[day], pipeline.run(universe, pd.Timestamp(earlier), source="bundled", assumptions=FEW)
    changes = compare(Snapshot.of(before), Snapshot.of(report))
    wanted = answers.of_run(*(in_words(screen_page(one).content) for one in (report, before)))
    page = document(sections(Report.of(report), changes))
    assert answers.missing(answers.above_the_tables(page), wanted) == []
    print_page(screen_page(report, changes=changes), console())
    text = " ".join(answers.above_the_companies(capsys.readouterr().out).split())
    assert answers.missing(text, wanted) == []
    for point, question in zip(brief(report, changes).points, wanted, strict=True):
        assert point.text in text
        without = text.replace(point.text, "").replace(point.title, "")
        assert {found for found, _ in answers.missing(without, wanted)} == {question}


WEEKS = pd.date_range("2024-01-05", "2026-11-27", freq="28D")


@pytest.mark.parametrize("day", WEEKS, ids=lambda day: f"{day:%Y-%m-%d}")
def test_no_sentence_contradicts_the_headline(universe, day):
    """On any date the title claims a premium only where the leading test is significant, and no sentence is empty."""
    screen = pipeline.run(universe, day, source="bundled", assumptions=FEW)
    told, head, basis = brief(screen), screen.gap.headline, screen.gap.basis
    title = told[GAP_POINT].title
    if screen.lead.leads == LINE:
        line = screen.lead.line
        assert "premium" not in title
        assert ("goes with" in title or "went with" in title) == (line is not None and line.p <= 0.05)
        assert ("cannot be estimated" in title or "can be compared yet" in title) == (line is None)
        if line is not None:
            assert ("higher" in title) == (line.p <= 0.05 and line.ratio > 1)
    else:
        assert ("premium" in title) == (head["p_value"] <= 0.05 and head["ratio"] > 1)
        assert ("discount" in title) == (head["p_value"] <= 0.05 and head["ratio"] < 1)
        assert ("not statistically significant" in title) == (head["p_value"] > 0.05)
    assert all(one.text.strip().endswith(".") for one in told.findings)
    assert not re.search(r"\bnan\b", " ".join(one.text for one in told.findings))
    if basis.closes_old:
        assert not re.search(r" (trades|implies|trade) ", told[GAP_POINT].text + told[STANDING].text + title)
    current = basis.n > 0 and basis.n_stale == 0 and not screen.prices_are_old
    assert (told[FRESHNESS].title == "The facts are current") == current
    outside = ((told.standing["low"] > 0) | (told.standing["high"] < 0)).sum()
    if told.standing["to_line"].notna().any():
        assert re.search(rf"\b{outside or 'None'} of \d+ companies lie", told[STANDING].text)


def test_where_no_company_is_in_the_statistics_no_sentence_claims_anything_of_them(universe):
    told = brief(pipeline.run(universe, pd.Timestamp("2024-02-10"), source="bundled", assumptions=FEW, nav=True))
    assert told[GAP_POINT].title == "No company can be compared yet"
    assert "None of the 22 companies" in told[GAP_POINT].text
    text = " ".join(f"{point.title}. {point.text}" for point in told.points)
    assert not re.search(r"0 of 0|None of the 0|leads|not available|facts are current|behind the statistics", text), (
        text
    )


@pytest.mark.parametrize("n", [1, 2, 4])
def test_of_a_few_companies_without_a_line_it_is_not_said_that_the_line_leads(universe, n):
    few = universe.companies[universe.companies["ticker"].isin(["CIFR", "RIOT", "MARA", "IREN"][:n])]
    kept = set(few["ticker"])
    frames = {
        name: frame[frame["ticker"].isin(kept)]
        for name, frame in vars(universe).items()
        if isinstance(frame, pd.DataFrame) and "ticker" in frame and name not in ("companies", "prices", "conflicts")
    }
    few_of = replace(universe, companies=few, **frames)
    told = brief(pipeline.run(few_of, pd.Timestamp("2026-10-05"), source="bundled", assumptions=FEW))
    assert told[GAP_POINT].title == "The gap cannot be estimated"
    assert "there is no group comparison" in told[GAP_POINT].text
    assert "leads" not in told[GAP_POINT].text
