"""Findings on net asset values across companies, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from valuation._words import listed, multiple, percent, usd
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.nav.names import HEADLINE, NOT_IN_IT, UNSIGNED
from valuation.nav.parts import value_of_let_mw

if TYPE_CHECKING:
    from valuation.nav.sum_of_parts import Nav

MOST_OF_IT = 0.5
NOT_UNDERVALUED = Finding(
    f"A low price to net asset value does not show that a company is undervalued: {NOT_IN_IT}.", CANNOT
)


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


def old_price_or_shares(nav: Nav) -> pd.Series:
    """By ticker, why a company's price or share count is too old to compare with others; empty where it is not."""
    status, causes = nav.status.droplevel("as_of"), nav.causes.droplevel("as_of")
    price = status["price_usd"].eq("stale")
    shares = status["diluted_shares"].eq("stale") | causes["diluted_shares"].str.contains("shares_outstanding old")
    return pd.Series("", index=status.index).mask(shares, "share count old").mask(price, "price old")


def not_comparable(nav: Nav) -> pd.Series:
    """By ticker, why a net asset value takes no part in ranges, medians and findings; empty where it does.

    Its price or share count is too old, or its mining is unknown: a value without a part that every miner has is not low.
    """
    mining = nav.status["mining_usd"].droplevel("as_of").eq("missing")
    old = old_price_or_shares(nav)
    return old.mask((old == "") & mining, "mining unknown")


def across_companies(nav: Nav, excluded: pd.Series) -> tuple[Finding, ...]:
    """Price to net asset value of the median company, the part of prices for future leases, and limits.

    Parameters
    ----------
    nav : Nav
        Of one date.
    excluded : Series
        By ticker: why a company stays out of the statistics; empty where it does not.

    Notes
    -----
    Figures that rest on stale prices or share counts, or without the value of mining, take no part.
    """
    rows, status = nav.table.droplevel("as_of"), nav.status.droplevel("as_of")
    known = rows[f"{HEADLINE}_per_share"].notna() & status[f"{HEADLINE}_usd"].ne("not_meaningful")
    rows, status = rows[known], status[known]
    old = not_comparable(nav).reindex(rows.index)
    comparable = excluded.reindex(rows.index) == ""
    inside = comparable & (old == "")
    ratio = rows.loc[inside & status[f"p_{HEADLINE}"].ne("not_meaningful"), f"p_{HEADLINE}"].dropna()
    if ratio.empty:
        none = Finding("No company has a net asset value on this date.", CANNOT)
        return (per_leased_mw(nav), none, *_overhead(rows), *_left_out(old))
    high, low = ratio.idxmax(), ratio.idxmin()
    unsigned = float((rows.loc[inside, "price_over_floor_usd"] / rows.loc[inside, "price_usd"]).median())
    most = [
        str(ticker) for ticker in rows.index[inside]
        if rows.loc[ticker, list(UNSIGNED)].sum() > MOST_OF_IT * rows.loc[ticker, f"{HEADLINE}_usd"] > 0
    ]  # fmt: skip
    return (
        per_leased_mw(nav),
        Finding(
            f"The median company trades at {multiple(ratio.median())} its net asset value by DCF (n = {len(ratio)}), from "
            f"{multiple(ratio[low])} ({low}) to {multiple(ratio[high])} ({high}).",
            CAN,
            {
                "median": float(ratio.median()),
                "lowest": float(ratio[low]),
                "highest": float(ratio[high]),
                "n": len(ratio),
            },
        ),
        *_by_cap_rate(rows[inside], status[inside]),
        Finding(
            f"For the median company, {percent(unsigned)} of the share price reflects leases not yet signed (price less "
            "execution floor).",
            CAN,
            {"price_over_floor": unsigned},
        ),
        NOT_UNDERVALUED,
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
        *_overhead(rows),
        *_left_out(old[comparable]),
    )


def _overhead(rows: pd.DataFrame) -> list[Finding]:
    """Companies whose net asset value deducts no overhead, because none is reported by then."""
    without = rows["overhead_usd"].isna()
    if rows.empty or not without.any():
        return []
    text = "Cash overhead is unknown on this date: no net asset value deducts any."
    if not without.all():
        text = f"Cash overhead unknown on this date, not deducted: {listed(map(str, rows.index[without]))}."
    return [Finding(text, NOTE, {"companies": int(without.sum())})]


def _by_cap_rate(rows: pd.DataFrame, status: pd.DataFrame) -> list[Finding]:
    """What the other method gives, and how far it is from the headline."""
    ratio = rows.loc[status["p_nav_cap_rate"].ne("not_meaningful"), "p_nav_cap_rate"].dropna()
    apart = rows["cap_rate_over_dcf"].dropna()
    if ratio.empty or apart.empty:
        return []
    widest = apart.abs().idxmax()
    text = (
        f"By cap rate the median company trades at {multiple(ratio.median())} its net asset value (n = {len(ratio)}): first-"
        "year NOI as a perpetuity before tax is above the DCF by "
        f"{percent(apart.median())} at the median company and by {percent(apart[widest])} at {widest}, the most."
        if apart.median() >= 0.005 and apart[widest] >= 0
        else f"By cap rate the median company trades at {multiple(ratio.median())} its net asset value (n = {len(ratio)}); "
        f"the two methods differ by up to {percent(abs(apart[widest]))} ({widest})."
    )
    figures = {"median": float(ratio.median()), "n": len(ratio), "median_apart": float(apart.median())}
    return [Finding(text, NOTE, figures | {"methods_apart": float(apart[widest])})]


def _left_out(old: pd.Series) -> list[Finding]:
    """Companies whose net asset value is not comparable with the figures above."""
    named = old[old != ""]
    if named.empty:
        return []
    who = listed([f"{ticker} ({why})" for ticker, why in named.items()])
    return [Finding(f"Excluded from these figures: {who}.", NOTE, {"companies": len(named)})]
