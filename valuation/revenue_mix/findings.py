"""Findings on the revenue mix, in sentences: the claim on bitcoin's share against what is reported and signed."""

from __future__ import annotations

import pandas as pd

from valuation._words import count, percent
from valuation.findings import CAN, CANNOT, Finding
from valuation.revenue_mix.claim import CLAIM_BEFORE, CLAIM_QUARTER, CLAIM_SHARE
from valuation.revenue_mix.mix import LEAST_COMPANIES


def claim(sector: pd.DataFrame, crossover: pd.DataFrame, ahead: pd.Series) -> tuple[Finding, ...]:
    """The claim on the sector's bitcoin share against the latest quarter and signed contracts.

    Parameters
    ----------
    sector : DataFrame
        From `mix.sector`, by quarter.
    crossover : DataFrame
        From `crossover.crossover`: signed and undated contracts by company.
    ahead : Series
        From `crossover.bitcoin_share_ahead`: projected, projected_early, projected_late, n, n_proxy.
    """
    claimed = (
        f"bitcoin falls from {percent(CLAIM_BEFORE)} of revenue to below {percent(CLAIM_SHARE)} by the end of "
        f"{CLAIM_QUARTER.year}"
    )
    known = sector[sector["bitcoin_share"].notna()] if len(sector) else sector
    if known.empty:
        text = (
            f"Estimate not available for the claim that {claimed}: no quarter has {LEAST_COMPANIES} companies with a "
            "revenue breakdown."
        )
        return (Finding(text, CANNOT),)
    row, quarter = known.iloc[-1], known.index[-1]
    found = [_measured(row, quarter, claimed)]
    if pd.notna(row["same_now"]):
        text = (
            f"On a constant sample of {count(row['n_same'], 'company', 'companies')} the share was "
            f"{percent(row['same_before'])} a year before and {percent(row['same_now'])} in {quarter}."
        )
        found.append(Finding(text, CAN, {name: row[name] for name in ("same_before", "same_now", "n_same")}))
    if ahead["n"] and quarter < CLAIM_QUARTER:
        found += _projected(crossover, ahead)
    text = (
        "The shares by quarter are not a trend: the companies that report a breakdown change from quarter to quarter."
    )
    return (*found, Finding(text, CANNOT))


def _measured(row: pd.Series, quarter: pd.Period, claimed: str) -> Finding:
    text = (
        f"Claim: {claimed}. In {quarter} bitcoin was {percent(row['bitcoin_share'])} of revenue over "
        f"{count(row['n_bitcoin'], 'company', 'companies')} with a breakdown, and between {percent(row['lowest'])} and "
        f"{percent(row['highest'])} over all {int(row['n_total'])} that report total revenue."
    )
    figures = {name: row[name] for name in ("bitcoin_share", "lowest", "highest", "n_bitcoin", "n_total")}
    return Finding(text, CAN, figures, threshold=CLAIM_SHARE)


def _projected(crossover: pd.DataFrame, ahead: pd.Series) -> list[Finding]:
    verdict = "the claim is not met" if ahead["projected_early"] > CLAIM_SHARE else "the claim can be met"
    text = (
        f"If signed contracts with a start date begin on time and mining revenue stays at today's level, {CLAIM_QUARTER} "
        f"comes to {percent(ahead['projected'])} ({percent(ahead['projected_early'])} to "
        f"{percent(ahead['projected_late'])}; {count(ahead['n'], 'company', 'companies')}, {int(ahead['n_proxy'])} with "
        f"mining as the remainder of total revenue): on this basis {verdict}."
    )
    figures = {name: ahead[name] for name in ("projected", "projected_early", "projected_late", "n", "n_proxy")}
    undated, signed = int(crossover["undated"].sum()), int(crossover["signed"].sum())
    limit = (
        f"This is not a forecast: {undated} of {signed} contracts have no start date or value, and mining displaced by "
        "AI is not deducted; both overstate the projected bitcoin share."
    )
    return [
        Finding(text, CAN, figures, threshold=CLAIM_SHARE),
        Finding(limit, CANNOT, {"undated": undated, "signed": signed}),
    ]
