"""What the revenue mix allows to say, and what it does not, in words."""

from __future__ import annotations

import pandas as pd

from exports.commentary.numbers import span
from valuation.revenue_mix.crossover import CLAIM_BEFORE, CLAIM_QUARTER, CLAIM_SHARE
from valuation.revenue_mix.mix import LEAST_COMPANIES

PERCENT = "{:.0%}"


def claim_in_words(sector: pd.DataFrame, crossover: pd.DataFrame, ahead: pd.Series) -> tuple[list[str], list[str]]:
    """The claim on the sector's bitcoin share against what is known."""
    can, cannot = [], []
    claim = f"bitcoin falls from {CLAIM_BEFORE:.0%} of revenue to below {CLAIM_SHARE:.0%} by the end of {CLAIM_QUARTER.year}"
    known = sector[sector["bitcoin_share"].notna()]
    if known.empty:
        return [], [f"Anything on the claim that {claim}: no quarter has {LEAST_COMPANIES} companies with a breakdown."]
    row, quarter = known.iloc[-1], known.index[-1]
    can.append(
        f"The claim: {claim}. Measured in {quarter}: {row['bitcoin_share']:.0%} over {int(row['n_bitcoin'])} companies, "
        f"and between {row['lowest']:.0%} and {row['highest']:.0%} over all {int(row['n_total'])} that report a total."
    )
    if pd.notna(row["same_now"]):
        can.append(
            f"The same {int(row['n_same'])} companies: {row['same_before']:.0%} a year before, {row['same_now']:.0%} in "
            f"{quarter}."
        )
    if ahead["n"] and quarter < CLAIM_QUARTER:
        reach = span(ahead["projected_early"], ahead["projected_late"], PERCENT)
        verdict = "the claim is out of reach" if ahead["projected_early"] > CLAIM_SHARE else "the claim can be met"
        can.append(
            f"With signed, dated contracts starting in time and mining as today, {CLAIM_QUARTER} comes to "
            f"{ahead['projected']:.0%} ({reach}; {int(ahead['n'])} companies, {int(ahead['n_proxy'])} with mining as the "
            f"rest of the total): on these alone {verdict}."
        )
        undated, signed = int(crossover["undated"].sum()), int(crossover["signed"].sum())
        cannot.append(
            f"That it will be so: {undated} of {signed} contracts have no start date or value, and mining that makes "
            "room for AI is not taken out. Both make the projected bitcoin share too high."
        )
    cannot.append(
        "A trend from the first column of shares alone: the companies behind it change from quarter to quarter."
    )
    return can, cannot
