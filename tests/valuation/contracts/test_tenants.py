"""Who pays or guarantees leases of which companies: one name under all spellings, nobody without a name."""

from __future__ import annotations

import pandas as pd

from valuation.contracts import credit
from valuation.contracts.tenants import lease_parties


def book(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Contracts of (ticker, counterparty, credit support, business), classified as the program does."""
    frame = pd.DataFrame(rows, columns=["ticker", "counterparty", "credit_support", "business"])
    frame = frame.assign(as_of=pd.Timestamp("2026-10-05"), end_user=None, evidence=None, is_ai=True)
    return pd.concat([frame, credit.classify(frame)], axis=1)


def pairs(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(frame.itertuples(index=False, name=None))


def test_spellings_guarantors_and_a_tenant_that_guarantees_elsewhere():
    contracts = book(
        ("AAA", "CoreWeave, Inc.", "", "lease"),
        ("BBB", "CoreWeave", "", "lease"),
        ("BBB", "CoreWeave", "", "lease"),
        ("CCC", "Fluidstack (US)", "Google backstop of 1.4bn", "lease"),
        ("DDD", "AMD (direct)", "", "lease"),
        ("EEE", "Neo", "guaranteed by AMD", "lease"),
    )
    found = lease_parties(contracts, {})
    assert found.index.tolist() == list(range(7))
    assert pairs(found) == [
        ("AMD", "tenant and guarantor", "DDD"),
        ("AMD", "tenant and guarantor", "EEE"),
        ("CoreWeave", "tenant", "AAA"),
        ("CoreWeave", "tenant", "BBB"),
        ("Fluidstack", "tenant", "CCC"),
        ("Google", "guarantor", "CCC"),
        ("Neo", "tenant", "EEE"),
    ]


def test_no_name_is_no_party_and_neither_is_a_class_of_guarantors_or_a_customer_of_cloud():
    contracts = book(
        ("AAA", "leading AI lab (undisclosed)", "standby letter of credit", "lease"),
        ("BBB", "Undisclosed neocloud", "an investment-grade parent", "lease"),
        ("CCC", "", "tenant itself", "lease"),
        ("DDD", "Microsoft", "", "gpu_cloud"),
    )
    assert lease_parties(contracts, {}).empty
    hosting = book(("AAA", "Miner Inc.", "", "lease")).assign(is_ai=False)
    assert lease_parties(hosting, {}).empty


def test_a_parent_holds_the_leases_of_the_subsidiary_that_it_consolidates():
    contracts = book(("KID", "Nscale", "", "lease"))
    assert pairs(lease_parties(contracts, {"KID": "MUM"})) == [("Nscale", "tenant", "KID"), ("Nscale", "tenant", "MUM")]
