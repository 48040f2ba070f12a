"""The sources' faults: enough of them, each with its words, and each run by the test that the page names."""

from __future__ import annotations

import importlib

import pytest

from tests import faults
from tests.faults import TABLES
from tests.loopback import sec
from tests.loopback.faults import EVERY


def test_the_tables_hold_at_least_sixty_faults():
    assert faults.count() >= 60
    assert all(len(table.cases) >= 20 for table in TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_every_case_says_what_goes_wrong_and_what_comes_of_it(table):
    assert [case for case in table.cases if not (case.fault.strip() and case.outcome.strip())] == []
    names = [getattr(case, "id", case.fault) for case in table.cases]
    assert len(names) == len(set(names))
    assert sum(len(row.asked.split(", ")) for row in table.rows()) == len(table.cases)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_the_test_that_the_page_names_runs_the_cases(table):
    path, _, name = table.test.partition("::")
    test = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    runs = [mark.args[1] for mark in test.pytestmark if mark.name == "parametrize"]
    assert any(cases is table.cases for cases in runs)


def test_every_fault_of_the_local_servers_is_in_a_case():
    used = {answer for table in TABLES for case in table.cases for answer in getattr(case, "answers", ())}
    # "maintenance" is the SEC's own page; answers are packed in every other case.
    assert set(sec.FAULTS) - used == {"page", "no gzip"}
    assert set(EVERY) == {case.answer for case in TABLES[-1].cases}
