"""An update of one company with answers made here: what is asked, what is kept, and the words of each outcome."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from screener.ledger import Ledger
from screener.sources.edgar import addresses, update
from screener.sources.edgar.client import SOURCE
from screener.sources.told import FAILED, NONE, Outcome
from tests.edgar_documents import Fact, Filed, Filing, companyfacts, report, submissions

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
CLSK = {"ticker": "CLSK", "name": "CleanSpark, Inc.", "cik": "827876", "former_names": None}
Q2 = Filing("0000827876-26-000002", "10-Q", "2026-08-10", "2026-06-30", "2026-08-10T20:31:12.000Z", document="q2.htm")
Q1 = Filing("0000827876-26-000001", "10-Q", "2026-05-11", "2026-03-31", "2026-05-11T20:31:12.000Z", document="q1.htm")
ADDRESS = "https://www.sec.gov/Archives/edgar/data/827876"


def assets(amount: int, day: str, filing: Filing) -> Filed:
    return Filed(Fact("Assets", amount, day), filing.accession, filing.form, filing.filed)


FACTS = companyfacts([assets(90, "2025-06-30", Q1), assets(95, "2026-03-31", Q1), assets(100, "2026-06-30", Q2)])


class Asked:
    """A client that gives these answers by kind of question, and keeps what was asked."""

    def __init__(self, **answers: bytes | Outcome) -> None:
        self.answers = {"submissions": submissions([Q2, Q1]), "companyfacts": FACTS, "document": document(Q2)} | answers
        self.asked: list[tuple[str, str, str]] = []

    def __enter__(self) -> Asked:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ask(self, what: str, subject: str, url: str, read: Callable[[bytes], Any]) -> tuple[Any, Outcome]:
        self.asked.append((what, subject, url))
        answer = self.answers[what]
        if isinstance(answer, Outcome):
            return None, answer
        return read(answer), Outcome(what, subject, url=url, body=answer)


def document(filing: Filing, amount: int = 100, **cover: str) -> bytes:
    about = {"name": "CLEANSPARK, INC.", "cik": "0000827876", "period_end": filing.report_date} | cover
    return report(
        [Fact("Assets", amount, filing.report_date), Fact("LongTermDebtCurrent", 5, filing.report_date)], **about
    )


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.sqlite") as made:
        yield made


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A ledger after a first update."""
    path = tmp_path_factory.mktemp("shelf") / "ledger.sqlite"
    with Ledger.open(path) as made:
        run(made)
    return path


@pytest.fixture
def begun(shelf, tmp_path):
    shutil.copy(shelf, tmp_path / "begun.sqlite")
    with Ledger.open(tmp_path / "begun.sqlite") as made:
        yield made


def universe(*companies: dict, last: str | None = "2026-06-30") -> SimpleNamespace:
    """As much of a universe as an update reads: two figures of CleanSpark, of which the later one is of `last`."""
    days = pd.to_datetime([last, "2020-06-30", "2029-06-30"])
    facts = pd.DataFrame({"ticker": ["CLSK", "CLSK", "RIOT"], "period_end": days})
    splits = pd.DataFrame({"ticker": [], "first_day_on_new_basis": pd.to_datetime([]), "shares_multiplier": []})
    network = pd.DataFrame({"date": pd.to_datetime(["2026-06-30"]), "btc_usd": [100_000.0]})
    return SimpleNamespace(
        companies=pd.DataFrame(companies or [CLSK]),
        facts=facts if last else facts.iloc[2:],
        network=network,
        splits=splits,
    )


def run(
    ledger: Ledger,
    client: Asked | None = None,
    now: datetime = NOW,
    of: SimpleNamespace | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> tuple[list, Asked]:
    client = client or Asked()
    outcomes = update.update(of or universe(), ledger, now, progress, client=client)
    return [(one.what, one.subject, one.ended, one.kind, one.message) for one in outcomes], client


FIRST = [
    ("submissions", "CLSK", "ok", "", "2 filings, the newest a 10-Q of 2026-08-10"),
    ("companyfacts", "CLSK", "ok", "", "3 figures"),
    ("document", Q2.accession, "ok", "", "10-Q filed 2026-08-10: 2 figures, 1 of them for a person to decide"),
]


def test_a_first_update_asks_all_three_and_keeps_filings_and_figures(ledger):
    said: list[str] = []
    outcomes, client = run(ledger, progress=said.append)
    assert outcomes == FIRST
    assert said == ["EDGAR: CLSK, 1 of 1"]
    assert client.asked == [
        ("submissions", "CLSK", addresses.submissions("827876")), ("companyfacts", "CLSK", addresses.companyfacts("827876")),
        ("document", Q2.accession, f"{ADDRESS}/000082787626000002/q2.htm"),
    ]  # fmt: skip
    assert sorted(ledger.filings()["accession"]) == [Q1.accession, Q2.accession]
    assert sorted(ledger.items()[["kind", "item", "value"]].itertuples(index=False, name=None)) == [
        ("companyfacts", "total_assets", 90.0), ("companyfacts", "total_assets", 95.0),
        ("companyfacts", "total_assets", 100.0), ("filing", "debt_total", 5.0), ("filing", "total_assets", 100.0),
    ]  # fmt: skip
    assert ledger.answer(addresses.companyfacts("827876")).body == FACTS


def test_figures_of_the_year_before_the_universe_s_last_one_are_taken(ledger):
    run(ledger, of=universe(last="2027-03-31"))
    kept = ledger.items().loc[lambda rows: rows["kind"] == "companyfacts", "period_end"]
    assert sorted(kept) == [pd.Timestamp("2026-03-31"), pd.Timestamp("2026-06-30")]


def test_without_a_figure_of_the_company_every_one_is_taken(ledger):
    assert run(ledger, of=universe(last=None))[0] == FIRST


def test_nothing_is_asked_again_within_the_day_and_nothing_kept(begun):
    outcomes, client = run(begun, now=NOW + timedelta(hours=19))
    assert (outcomes, client.asked) == ([], [])
    outcomes, client = run(begun, now=NOW + timedelta(hours=20))
    assert outcomes == [("submissions", "CLSK", "ok", "", "no new filing")]


def test_new_filings_are_told_with_the_newest_and_6k_for_a_person(begun):
    later = [replace(Q2, accession=f"0000827876-26-00000{n}", form="6-K", filed=f"2026-08-2{n}", report_date="", xbrl=False,
                     accepted=f"2026-08-2{n}T11:00:00.000Z", document=f"{n}.htm") for n in (3, 4, 5)]  # fmt: skip
    outcomes, _ = run(begun, Asked(submissions=submissions([later[0], Q2, Q1])), NOW + timedelta(days=4))
    assert outcomes == [
        ("submissions", "CLSK", "ok", "", "1 new filing: 6-K of 2026-08-23"),
        ("6-K", "CLSK", "none", "", "a new filing 6-K without XBRL, the newest filed on 2026-08-23: a person must read "
         f"{ADDRESS}/000082787626000003/3.htm"),
    ]  # fmt: skip
    outcomes, _ = run(begun, Asked(submissions=submissions([*later, Q2, Q1])), NOW + timedelta(days=7))
    assert outcomes == [
        ("submissions", "CLSK", "ok", "", "2 new filings, the newest a 6-K of 2026-08-25"),
        ("6-K", "CLSK", "none", "", "2 new filings 6-K without XBRL, the newest filed on 2026-08-25: a person must read "
         f"{ADDRESS}/000082787626000005/5.htm"),
    ]  # fmt: skip
    assert len(begun.filings()) == 5


def test_a_first_list_names_no_6k_to_be_read(ledger):
    paper = replace(Q2, accession="0000827876-26-000003", form="6-K", xbrl=False)
    outcomes, _ = run(ledger, Asked(submissions=submissions([paper, Q2, Q1])))
    assert [one[0] for one in outcomes] == ["submissions", "companyfacts", "document"]


def test_a_company_without_a_cik_is_named_and_the_next_one_is_asked(ledger):
    said: list[str] = []
    nobody = CLSK | {"ticker": "NONE", "cik": ""}
    client = Asked()
    outcomes = update.update(universe(nobody, CLSK), ledger, NOW, said.append, client=client)
    assert (outcomes[0].what, outcomes[0].subject, outcomes[0].ended, outcomes[0].requests) == (
        "submissions", "NONE", NONE, 0,
    )  # fmt: skip
    assert outcomes[0].message == "companies.csv gives no CIK for it, so its filings cannot be asked for"
    assert said == ["EDGAR: NONE, 1 of 2", "EDGAR: CLSK, 2 of 2"]
    assert [subject for what, subject, _ in client.asked if what == "submissions"] == ["CLSK"]


def test_without_the_list_of_filings_nothing_else_is_asked(ledger):
    failed = Outcome("submissions", "CLSK", FAILED, "unreachable", "no answer in 20 seconds")
    outcomes, client = run(ledger, Asked(submissions=failed))
    assert outcomes == [("submissions", "CLSK", "failed", "unreachable", "no answer in 20 seconds")]
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("what", "answer", "asked"),
    [
        ("submissions", submissions([Q2], name="Other Inc."), 1),
        ("companyfacts", companyfacts([assets(7, "2026-06-30", Q2)], name="Other Inc."), 3),
        ("document", document(Q2, name="Other Inc."), 3),
    ],
)
def test_another_company_s_answer_is_refused_and_not_kept(ledger, what, answer, asked):
    client = Asked(**{what: answer})
    outcomes = update.update(universe(), ledger, NOW, client=client)
    told = next(one for one in outcomes if one.what == what)
    assert (told.ended, told.kind, told.body) == ("failed", "bad_answer", None)
    assert told.message.startswith("refused: the document names Other Inc., companies.csv names CleanSpark, Inc.")
    assert len(client.asked) == asked
    assert ledger.answer(told.url) is None
    assert 7.0 not in set(ledger.items()["value"])


def test_a_former_name_of_the_list_holds_for_the_facts_also_where_the_list_is_not_asked_again(ledger):
    old = {"submissions": submissions([Q2, Q1], former=["STRATEAN INC"])}
    renamed = companyfacts([assets(100, "2026-06-30", Q2)], name="Stratean Inc.")
    outcomes, _ = run(ledger, Asked(**old, companyfacts=Outcome("companyfacts", "CLSK", FAILED, "unreachable", "none")))
    assert outcomes[1][2] == "failed"
    outcomes, client = run(ledger, Asked(companyfacts=renamed), NOW + timedelta(hours=1))
    assert client.asked == [("companyfacts", "CLSK", addresses.companyfacts("827876"))]
    assert outcomes == [("companyfacts", "CLSK", "ok", "", "1 figure")]


def test_facts_that_lack_the_newest_report_are_partial(ledger):
    outcomes, _ = run(ledger, Asked(companyfacts=companyfacts([assets(95, "2026-03-31", Q1)])))
    assert outcomes[1] == (
        "companyfacts", "CLSK", "ok", "partial", "filed, facts not yet out: 10-Q of 2026-08-10; 1 figure",
    )  # fmt: skip
    paper = replace(Q2, form="8-K", xbrl=False)
    outcomes, _ = run(ledger, Asked(submissions=submissions([paper])), NOW + timedelta(hours=20))
    assert [one[:4] for one in outcomes[1:2]] == [("companyfacts", "CLSK", "ok", "")]


def test_a_document_that_is_not_there_is_told(ledger):
    gone = Outcome("document", Q2.accession, NONE, message="EDGAR does not have this document")
    assert run(ledger, Asked(document=gone))[0][2] == (
        "document", Q2.accession, "none", "", "EDGAR does not have this document",
    )  # fmt: skip
    assert status(ledger)[0][2].startswith("companyfacts: 3 figures; document: EDGAR does not have this document; ")


def test_only_this_source_s_filings_of_the_company_are_known(ledger):
    run(
        ledger,
        Asked(submissions=submissions([Q1], name="Riot, Inc.")),
        of=universe(CLSK | {"ticker": "RIOT", "name": "Riot Inc"}),
    )
    outcomes, _ = run(ledger, Asked(submissions=submissions([Q1])))
    assert outcomes[0][4] == "1 filing, the newest a 10-Q of 2026-05-11"


def status(ledger: Ledger, now: datetime = NOW) -> list[tuple]:
    found = update.status(universe(CLSK, CLSK | {"ticker": "RIOT"}), ledger, now)
    return list(found[["source", "company", "outcome", "age", "failed"]].itertuples(index=False, name=None))


def test_how_the_last_questions_of_each_company_ended(ledger, begun):
    assert status(ledger)[1][:3] == (SOURCE, "RIOT", "not asked yet")
    words = "; ".join(f"{what}: {message}" for what, _, _, _, message in sorted(FIRST))
    assert status(begun, now=NOW + timedelta(hours=3))[0] == (SOURCE, "CLSK", words, pd.Timedelta(hours=3), False)
    run(begun, now=NOW + timedelta(days=1))
    assert status(begun, now=NOW + timedelta(days=1))[0][2:] == ("submissions: no new filing", pd.Timedelta(0), False)
    failed = Outcome("submissions", "CLSK", FAILED, "unreachable", "no answer")
    run(begun, Asked(submissions=failed), NOW + timedelta(days=3))
    assert status(begun, now=NOW + timedelta(days=4))[0][2:] == ("submissions: no answer", pd.Timedelta(days=3), True)
    _, company, words, age, failed = status(begun)[1]
    assert (company, words, failed) == ("RIOT", "not asked yet", False)
    assert pd.isna(age)


def test_a_list_that_was_never_answered_has_no_age(ledger):
    run(ledger, Asked(submissions=Outcome("submissions", "CLSK", FAILED, "unreachable", "no answer")))
    _, _, words, age, failed = status(ledger, now=NOW + timedelta(days=1))[0]
    assert (words, failed) == ("submissions: no answer", True)
    assert pd.isna(age)
