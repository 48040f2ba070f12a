"""The tables of faults in one place: what docs/faults.md lists, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.exports.terminal import test_stream
from tests.screener import test_secrets
from tests.screener.alerts import test_channel_faults
from tests.screener.config import test_toml_faults
from tests.screener.jobs import test_clock
from tests.screener.readers import test_csv_faults, test_file_faults, test_workbook_faults
from tests.screener.schedule import test_hostile_entries
from tests.screener.sources import test_gate, test_http, test_yahoo_failures
from tests.screener.sources.edgar import faults as edgar
from tests.screener.sources.network import test_faults as network
from tests.screener.store import test_fault_table


@dataclass(frozen=True)
class Row:
    """A fault, the questions in whose answers it is put, and its outcome."""

    fault: str
    asked: str
    outcome: str


@dataclass(frozen=True)
class Table:
    """One source's cases, each with `fault` and `outcome`.

    `test` is the test that runs them; `names_question` says whether a fault is put into the answers of several questions,
    which then stand in a column of their own, headed `question`.
    """

    title: str
    note: str
    test: str
    cases: Sequence[Any]
    names_question: bool = False
    question: str = "in the answer on"

    def rows(self) -> list[Row]:
        """A row for each fault and outcome, in the order of the table."""
        asked: dict[tuple[str, str], list[str]] = {}
        for case in self.cases:
            asked.setdefault((case.fault, _sentence(case.outcome)), []).append(getattr(case, "what", ""))
        return [Row(fault, ", ".join(whats), outcome) for (fault, outcome), whats in asked.items()]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].removesuffix(".") if text else ""


TABLES = (
    Table(
        "Figures out of proportion",
        "Universe files, the ledger and live answers alike. A figure that is held back is never used: the one before "
        "stands with its age, the data checks name the reason and the override, and `--strict` stops with exit code 2.",
        "tests/screener/sources/test_gate.py::test_a_number_that_cannot_be_is_held_back_and_told",
        test_gate.CASES,
    ),
    Table(
        "Prices: Yahoo",
        "The answer on one company fails; the closes of the others stand in every case.",
        "tests/screener/sources/test_yahoo_failures.py::test_one_symbol_that_fails_leaves_the_others_standing",
        test_yahoo_failures.CASES,
    ),
    Table(
        "Filings: EDGAR",
        "Figures known before stand, no other figure is kept than those of the undisturbed answers, and a later update "
        "gets what is missing. The name in brackets is the question, a colon and the fault.",
        "tests/screener/sources/edgar/test_faults.py::test_a_fault_has_its_outcome_and_leaves_no_wrong_figure",
        edgar.CASES,
        names_question=True,
    ),
    Table(
        "Bitcoin network: mempool.space and blockchain.info",
        "Each source stands in for the other, what neither tells is unknown, and no wrong figure is kept.",
        "tests/screener/sources/network/test_faults.py::test_every_fault_is_told_and_no_wrong_figure_is_kept",
        network.CASES,
    ),
    Table(
        "Files: what a name stands for",
        "Every reader tells it in one line with exit code 2. The name in brackets is the reader, a colon and the fault.",
        "tests/screener/readers/test_file_faults.py::test_what_is_no_plain_file_is_told_by_every_reader",
        test_file_faults.CASES,
        names_question=True,
        question="in place of",
    ),
    Table(
        "Files: workbooks",
        "One problem with the file and the sheet, cell or part, with exit code 2.",
        "tests/screener/readers/test_workbook_faults.py::test_a_fault_of_a_workbook_is_told_with_its_place",
        test_workbook_faults.CASES,
    ),
    Table(
        "Files: CSV",
        "One problem with file and line, with exit code 2.",
        "tests/screener/readers/test_csv_faults.py::test_a_fault_of_a_csv_file_is_told_with_its_line",
        test_csv_faults.CASES,
    ),
    Table(
        "Files: TOML",
        "One problem with file and line, with exit code 2.",
        "tests/screener/config/test_toml_faults.py::test_a_fault_of_a_toml_file_is_told_with_its_line",
        test_toml_faults.CASES,
    ),
    Table(
        "Secrets",
        "In errors, logs, messages, tables and schedule entries alike.",
        "tests/screener/test_secrets.py::test_a_secret_is_masked_in_every_spelling",
        test_secrets.CASES,
    ),
    Table(
        "Schedule entries: cron, systemd, launchd, the Windows task scheduler, GitHub Actions",
        "The fault is in a path of the entry. Where a scheduler cannot hold a text, it is refused for that scheduler.",
        "tests/screener/schedule/test_hostile_entries.py::test_a_hostile_text_is_refused_or_comes_back_whole",
        test_hostile_entries.CASES,
    ),
    Table(
        "Channels: webhook and e-mail",
        "The outcome is in the sentence that the weekly run prints and logs; the run itself is done and stored.",
        "tests/screener/alerts/test_channel_faults.py::test_any_answer_is_an_outcome",
        test_channel_faults.CASES,
    ),
    Table(
        "Terminals",
        "A text of the data, as it is printed.",
        "tests/exports/terminal/test_stream.py::test_a_text_is_printed_so_that_it_can_only_be_read",
        test_stream.CASES,
    ),
    Table(
        "Clocks",
        "A wrong clock of this machine, and runs dated in the future.",
        "tests/screener/jobs/test_clock.py::test_a_wrong_clock_has_its_outcome",
        test_clock.CASES,
    ),
    Table(
        "The history and the files beside it",
        "What was stored stands in every case.",
        "tests/screener/store/test_fault_table.py::test_a_fault_has_its_outcome_and_loses_nothing",
        test_fault_table.CASES,
    ),
    Table(
        "Every request to EDGAR and the network",
        "The outcome is the reason in the message. A source that limits requests is not asked for as long as it says, "
        "within limits.",
        "tests/screener/sources/test_http.py::test_every_fault_has_its_kind_words_and_number_of_requests",
        test_http.CASES,
    ),
)


def count() -> int:
    """Cases of all tables."""
    return sum(len(table.cases) for table in TABLES)
