"""The five answers at the top of the workbook, the page and the terminal, for two dates; every one of them is missed."""

from __future__ import annotations

import pandas as pd
import pytest

from exports.html.render import document
from exports.html.report import sections
from exports.tables.machine import in_words
from exports.tables.screen import screen_page
from exports.terminal.render import console, print_page
from screener import pipeline
from tests import answers
from tests.exports.conftest import FEW_DRAWS
from valuation.brief import brief
from valuation.comparison.changes import Snapshot, compare
from valuation.report import Report

DAYS = {"january_studied": "2026-01-09", "october_2026_studied": "2026-09-25"}  # and the day of an earlier run


def outputs(screen, changes, capsys) -> dict[str, str]:
    """What a reader of the page and of the terminal meets first."""
    page = screen_page(screen, changes=changes)
    print_page(page, console())
    html = document(sections(Report.of(screen), changes))
    return {
        "page": answers.above_the_tables(html),
        "terminal": answers.above_the_companies(capsys.readouterr().out),
    }


@pytest.mark.parametrize("name", DAYS)
def test_each_output_opens_with_the_five_answers(shelf, miners, capsys, name):
    screen = shelf[name].screen
    alone = answers.of_run(in_words(screen_page(screen).content))
    assert answers.missing(answers.on_first_sheet(shelf[name].path), alone) == []
    before = pipeline.run(miners, pd.Timestamp(DAYS[name]), source="bundled", assumptions=FEW_DRAWS)
    changes = compare(Snapshot.of(before), Snapshot.of(screen))
    wanted = answers.of_run(*(in_words(screen_page(one).content) for one in (screen, before)))
    every = outputs(screen, changes, capsys)
    for place, text in every.items():
        assert answers.missing(text, wanted) == [], place
    # Without one of the points its question is not answered.
    text = " ".join(every["terminal"].split())
    for point, question in zip(brief(screen, changes).points, wanted, strict=True):
        assert point.text in text
        gone = text.replace(point.text, "").replace(point.title, "")
        assert {found for found, _ in answers.missing(gone, wanted)} == {question}
