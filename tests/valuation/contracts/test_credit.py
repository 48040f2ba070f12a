"""One counterparty under all its spellings, and never two under one."""

from __future__ import annotations

import pandas as pd
import pytest

from valuation.contracts.credit import classify, same_name

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


def test_spellings_of_another_day_change_no_name():
    rows = pd.DataFrame(
        {"ticker": ["A", "B"], "as_of": [DAY, DAY - pd.Timedelta(days=7)], "counterparty": ["NSCALE", "Nscale"]}
    )
    rows = rows.assign(end_user=None, credit_support=None, evidence=None)
    assert classify(rows)["counterparty_name"].tolist() == ["NSCALE", "Nscale"]
