"""One counterparty under all its spellings, and never two under one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.credit import classify, place, same_name, supported_share

DAY = pd.Timestamp("2026-10-05")


def named(*texts: str, column: str = "counterparty") -> list[str]:
    rows = pd.DataFrame({"ticker": [f"T{k}" for k in range(len(texts))], "as_of": DAY, column: texts})
    other = [name for name in ("counterparty", "end_user", "credit_support", "evidence") if name != column]
    return classify(rows.assign(**dict.fromkeys(other, None)))[f"{column}_name"].tolist()


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (["CoreWeave", "CoreWeave, Inc.", "Core Weave", "COREWEAVE INC", "core-weave", "CRWV"], "CoreWeave"),
        (["Amazon Web Services", "AWS", "Amazon.com, Inc.", "amazon"], "Amazon"),
        (["Cerebras", "Cerebras Systems", "Cerebras Systems Inc."], "Cerebras"),
        (["Microsoft Corporation", "MSFT"], "Microsoft"),
        (["Advanced Micro Devices, Inc.", "AMD (direct)"], "AMD"),
        (["Fluidstack Ltd", "Fluid Stack", "FLUIDSTACK LTD."], "Fluidstack"),
        (["Lambda", "Lambda, Inc.", "Lambda Inc"], "Lambda"),
        (["Nscale Ltd.", "NSCALE", "Nscale"], "NSCALE"),
        (["Crusoe Energy Systems LLC", "Crusoe Energy Systems"], "Crusoe Energy Systems"),
    ],
)
def test_one_tenant_under_all_spellings(spellings, name):
    assert set(named(*spellings)) == {name}
    assert set(named(*spellings, column="end_user")) == {name}


def test_a_tenant_that_is_asked_for_is_found_by_any_spelling():
    assert same_name("core weave inc.", "CoreWeave")
    assert same_name("lambda, inc", "Lambda")
    assert not same_name("Lambda Labs", "Lambda")


def test_two_tenants_stay_two():
    texts = ["Lambda", "Lambda Labs", "Core Scientific", "Core42", "Costco", "Together AI", "Together AI; Fluidstack",
             "undisclosed neocloud", "undisclosed customers"]  # fmt: skip
    assert named(*texts) == texts
    assert named("") == ["not stated"]
    assert named("", "Not Stated") == ["not stated", "Not Stated"]


def test_spellings_of_another_day_change_no_name():
    rows = pd.DataFrame(
        {"ticker": ["A", "B"], "as_of": [DAY, DAY - pd.Timedelta(days=7)], "counterparty": ["NSCALE", "Nscale"]}
    )
    rows = rows.assign(end_user=None, credit_support=None, evidence=None)
    assert classify(rows)["counterparty_name"].tolist() == ["NSCALE", "Nscale"]


WORDS = ("counterparty", "end_user", "credit_support", "evidence")


def told(day: pd.Timestamp = DAY, **words: str | None) -> pd.Series:
    return classify(pd.DataFrame([{"ticker": "A", "as_of": day} | dict.fromkeys(WORDS) | words])).iloc[0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Acme (US)", "Acme (US)"),
        ("Acme; then CoreWeave from 2028", "Acme"),
        ("CoreWeave; others", "CoreWeave; others"),  # several names stay as they are written
        ("Microsoft (unconfirmed)", "Microsoft (unconfirmed)"),
        ("Acme Inc. and others", "Acme Inc. and others"),
        ("AMD (direct), Texas", "AMD"),
        ("a lab (named as OpenAI in Nov 2026)", "a lab (unnamed)"),  # a month after the date
        ("a lab (named as OpenAI in Oct 2026)", "a lab (named as OpenAI in Oct 2026)"),
        ("Acme (since Sep 2026)", "Acme (since Sep 2026)"),
        ("NVIDIA", "NVIDIA"),
        ("  Acme, LLC ", "Acme"),
        (None, "not stated"),
    ],
)
def test_a_counterparty_as_it_was_known(text, name):
    assert told(counterparty=text)["counterparty_name"] == name


def test_a_month_that_begins_on_the_day_is_known():
    first = pd.Timestamp("2026-11-01")
    assert told(first, counterparty="a lab (named as OpenAI in Nov 2026)")["counterparty_name"].endswith("in Nov 2026)")


def test_an_end_user_that_was_named_later_is_not_stated():
    assert [told(end_user=text)["end_user_name"] for text in ("Meta", "Meta (as of Nov 2026)", "Meta, Sep 2026", None)] == [
        "Meta", "not stated", "Meta", "not stated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "support", "guarantor", "own", "behind"),
    [
        ("Acme", None, "none", "other", "other"),
        ("Acme", "Google backstop", "Google", "other", "hyperscaler"),
        ("Acme", "GOOGLE backstop", "Google", "other", "hyperscaler"),
        ("Acme", "Google backstop of Nov 2026", "none", "other", "other"),  # told later
        ("Acme", "Google backstop of Sep 2026", "Google", "other", "hyperscaler"),
        ("Acme", "AMD guarantee", "AMD", "other", "investment_grade"),
        ("Acme", "a letter of credit", "banks (letters of credit)", "other", "investment_grade"),
        ("Acme", "an Investment-Grade parent", "unnamed, investment grade", "other", "investment_grade"),
        ("Acme", "its parent", "its parent", "other", "other"),
        ("Acme", "tenant itself", "tenant itself", "other", "other"),
        ("Acme", "tenant itself, Investment Grade", "tenant itself", "investment_grade", "investment_grade"),
        ("Acme", "tenant itself, a hyperscaler", "tenant itself", "other", "other"),
        ("Amazon", "a letter of credit", "banks (letters of credit)", "hyperscaler", "hyperscaler"),  # nobody stronger
        ("NVIDIA", "Google backstop", "Google", "investment_grade", "hyperscaler"),
        ("NVIDIA", "its parent", "its parent", "investment_grade", "investment_grade"),
        ("a Hyperscaler", None, "none", "hyperscaler", "hyperscaler"),
        ("an Investment-Grade hyperscaler", None, "none", "hyperscaler", "hyperscaler"),
        ("an Investment Grade tenant", None, "none", "investment_grade", "investment_grade"),
    ],
)
def test_who_stands_behind_a_contract(who, support, guarantor, own, behind):
    row = told(counterparty=who, credit_support=support)
    assert row[["guarantor", "own_class", "guarantor_class"]].tolist() == [guarantor, own, behind]


def test_a_tenant_that_builds_does_so_for_every_contract_of_the_pair_on_that_date():
    rows = pd.DataFrame([("A", "X", "Capex mostly paid by X"), ("A", "X", None), ("A", "Y", "its own"), ("B", "X", None)],
                        columns=["ticker", "counterparty", "evidence"])  # fmt: skip
    later = rows.assign(evidence=None, as_of=DAY + pd.Timedelta(days=7))
    both = pd.concat([rows.assign(as_of=DAY), later], ignore_index=True).assign(end_user=None, credit_support=None)
    assert classify(both)["tenant_builds"].tolist() == [True, True, False, False] + [False] * 4


@pytest.mark.parametrize(
    ("guarantor", "usd", "value", "share"),
    [
        ("Google", 40.0, 100.0, 0.2), ("Google", 300.0, 100.0, 1.0), ("Google", np.nan, 100.0, 1.0),
        ("Google", 40.0, np.nan, 1.0), ("Google", 0.0, 100.0, 0.0), ("none", 40.0, 100.0, 0.0),
        ("tenant itself", np.nan, 100.0, 0.0),
    ],
)  # fmt: skip
def test_the_part_of_the_value_that_a_guarantor_covers_at_the_owner_s_share(guarantor, usd, value, share):
    rows = pd.DataFrame(
        [{"guarantor": guarantor, "credit_support_usd": usd, "owner_share": 0.5, "value_used_usd": value}]
    )
    assert supported_share(rows).tolist() == [share]


SITES = pd.DataFrame(
    [("A", "Barber Lake (phase 1)", "Texas (west)", "ERCOT (LZ West)"), ("A", "Black Pearl", "Texas", None),
     ("A", "Pearl", "Ohio", "PJM"), ("B", "Alpha", "Iowa", "MISO")],
    columns=["ticker", "site", "state_or_region", "grid_operator"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("ticker", "site", "where"),
    [
        ("A", "BARBER LAKE, halls 1 and 2", ["Texas", "ERCOT"]),
        ("A", "Black Pearl", ["several sites", "several sites"]),  # Pearl stands in it too
        ("A", "Pearl", ["Ohio", "PJM"]),
        ("B", "Pearl", ["not stated", "not stated"]),
        ("B", None, ["not stated", "not stated"]),
        ("C", "Alpha", ["not stated", "not stated"]),
        (None, "Alpha", ["not stated", "not stated"]),
    ],
)
def test_where_a_contract_lies(ticker, site, where):
    rows = pd.DataFrame({"ticker": [ticker, "B"], "site": [site, "alpha"]}, index=[7, 3])
    found = place(rows, SITES)
    assert found.index.tolist() == [7, 3]
    assert found.to_numpy().tolist() == [where, ["Iowa", "MISO"]]
    assert set(place(rows, None).to_numpy().ravel()) == {"not stated"}
    assert place(rows[:0], SITES).columns.tolist() == ["state", "grid_operator"]


def test_an_unknown_grid_of_a_known_site_is_not_stated():
    rows = pd.DataFrame({"ticker": ["A"], "site": ["Black Pearl"]})
    assert place(rows, SITES.drop(index=2)).to_numpy().tolist() == [["Texas", "not stated"]]
