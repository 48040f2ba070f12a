"""Findings on net asset values across companies, in sentences."""

from __future__ import annotations

import pandas as pd

from valuation._words import listed, multiple, percent, usd
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.nav.names import NOT_IN_IT, UNSIGNED
from valuation.nav.parts import value_of_let_mw
from valuation.nav.sum_of_parts import Nav

MOST_OF_IT = 0.5


def per_leased_mw(nav: Nav) -> Finding:
    """Value per leased gross MW net of construction cost: of signed leases, and as assumed for future ones, USD."""
    signed, assumed = nav.value_per_let_mw_usd, float(value_of_let_mw(nav.assumptions))
    figures = {"signed_usd_per_mw": signed, "assumed_usd_per_mw": assumed}
    text = (
        f"Each leased MW is valued at {usd(signed)} net of construction cost under signed leases, and at {usd(assumed)} "
        "(assumed) for future leases."
    )
    if pd.isna(signed):
        text = f"No lease is signed on this date; each future leased MW is valued at {usd(assumed)} (assumed), net of cost."
    return Finding(text, NOTE, figures)


def across_companies(nav: Nav, excluded: pd.Series) -> tuple[Finding, ...]:
    """Price to net asset value of the median company, the part of prices for future leases, and limits.

    Parameters
    ----------
    nav : Nav
        Of one date.
    excluded : Series
        By ticker: why a company stays out of the statistics; empty where it does not.
    """
    rows, status = nav.table.droplevel("as_of"), nav.status.droplevel("as_of")
    known = rows["nav_cap_rate_per_share"].notna() & status["nav_cap_rate_usd"].ne("not_meaningful")
    rows, status = rows[known], status[known]
    inside = excluded.reindex(rows.index) == ""
    ratio = rows.loc[inside & status["p_nav_cap_rate"].ne("not_meaningful"), "p_nav_cap_rate"].dropna()
    if ratio.empty:
        return (per_leased_mw(nav), Finding("No company has a net asset value on this date.", CANNOT))
    high, low = ratio.idxmax(), ratio.idxmin()
    unsigned = float((rows.loc[inside, "price_over_floor_usd"] / rows.loc[inside, "price_usd"]).median())
    apart = (rows["nav_cap_rate_usd"] / rows["nav_dcf_usd"] - 1).abs()
    widest = apart.idxmax()
    most = [
        str(ticker) for ticker in rows.index[inside]
        if rows.loc[ticker, list(UNSIGNED)].sum() > MOST_OF_IT * rows.loc[ticker, "nav_cap_rate_usd"] > 0
    ]  # fmt: skip
    return (
        per_leased_mw(nav),
        Finding(
            f"The median company trades at {multiple(ratio.median())} its net asset value (n = {len(ratio)}), from "
            f"{multiple(ratio[low])} ({low}) to {multiple(ratio[high])} ({high}).",
            CAN,
            {
                "median": float(ratio.median()),
                "lowest": float(ratio[low]),
                "highest": float(ratio[high]),
                "n": len(ratio),
            },
        ),
        Finding(
            f"For the median company, {percent(unsigned)} of the share price reflects leases not yet signed (price less "
            "execution floor).",
            CAN,
            {"price_over_floor": unsigned},
        ),
        Finding(
            f"A low price to net asset value does not show that a company is undervalued: {NOT_IN_IT}. The two methods "
            f"differ by up to {percent(apart[widest])} ({widest}).",
            CANNOT,
            {"methods_apart": float(apart[widest])},
        ),
        Finding(
            "Probabilities of future leases are assumptions. They account for more than half of the net asset value at "
            f"{listed(most)}."
            if most
            else "Probabilities of future leases are assumptions; at no company do they account "
            "for more than half of the net asset value.",
            CANNOT,
            {"companies": len(most)},
            threshold=MOST_OF_IT,
        ),
    )
