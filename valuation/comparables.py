"""Comparables: multiples of data-centre companies, market cap rates and private deals, beside the groups' medians."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.groups import BITCOIN, PIVOT
from valuation.metrics import METRICS
from valuation.screen import Screen
from valuation.status import USABLE

# Multiples of ours that a data-centre company or a deal can stand beside.
SHOWN = ("ev_per_mw_secured", "ev_per_mw_operating", "ev_per_mw_ai_contracted_it", "ev_to_ntm_ebitda",
         "ev_to_contracted_noi")  # fmt: skip
MILLION = 1e6
# Published yardsticks (METHODS section 10): who, first month in which it was certainly known, what. Bernstein's day is
# not stated, so it counts from the month in which the methods were written down.
YARDSTICKS = (
    ("JPMorgan", "2025-11", "equity value of $8m to $17m per critical IT MW of colocation, up to $19m of GPU cloud"),
    ("Bernstein", "2026-11", "$3m per MW of approved power"),
)


@dataclass(frozen=True, repr=False)
class Comparables(ResultMixin):
    """Comparables as known on a date; none of them enters a statistic.

    Attributes
    ----------
    as_of : Timestamp
    own : DataFrame
        A row a multiple of `SHOWN`: title, unit, pivot and bitcoin (medians of the statistics' companies with a usable
        figure), n_pivot, n_bitcoin.
    enterprise : DataFrame
        A row a company whose price, shares, debt and cash are known: enterprise_value_usd, mw, m_usd_per_mw, of_day.
    market : DataFrame
        company, metric, as_of, value (a number or a range), unit, source.
    deals : DataFrame
        deal, date, value, value_unit, mw, mw_basis, musd_per_mw, buyer, kind, confidence, source.
    """

    as_of: pd.Timestamp
    own: pd.DataFrame
    enterprise: pd.DataFrame
    market: pd.DataFrame
    deals: pd.DataFrame

    @property
    def yardsticks(self) -> list[str]:
        """Published yardsticks known on the date, a sentence each."""
        return [f"{who} (known by {when}): {what}." for who, when, what in YARDSTICKS if when <= f"{self.as_of:%Y-%m}"]

    @property
    def frame(self) -> pd.DataFrame:
        """Our own medians."""
        return self.own

    def _summary(self) -> Summary:
        return Summary(f"Comparables, {day(self.as_of)}", tables=(small(self.own), small(self.deals, "Deals")))


def beside(screen: Screen, market: pd.DataFrame, deals: pd.DataFrame) -> Comparables:
    """Market figures and deals beside the medians of a screen's groups.

    Parameters
    ----------
    market, deals : DataFrame
        Rows of comparables.csv and deals.csv known on the screen's date.
    """
    inside = screen.table["excluded"] == ""
    rows = []
    for name in SHOWN:
        usable = inside & screen.status[name].isin(USABLE) & (screen.table[name] > 0)
        row: dict[str, object] = {"metric": name, "title": METRICS[name].title, "unit": METRICS[name].unit}
        for group in (PIVOT, BITCOIN):
            values = screen.table.loc[usable & (screen.table["group"] == group), name]
            row |= {group: values.median(), f"n_{group}": len(values)}
        rows.append(row)
    kept = ["company", "metric", "as_of", "value", "unit", "source"]
    told = [
        "deal",
        "date",
        "value",
        "value_unit",
        "mw",
        "mw_basis",
        "musd_per_mw",
        "buyer",
        "kind",
        "confidence",
        "source",
    ]
    return Comparables(
        as_of=screen.as_of,
        own=pd.DataFrame(rows),
        enterprise=_enterprise(market),
        market=market[kept].reset_index(drop=True),
        deals=deals[told].reset_index(drop=True),
    )


def _enterprise(market: pd.DataFrame) -> pd.DataFrame:
    """EV = price x (shares + partnership units) + debt + minorities - cash, of companies with all of price, shares, debt
    and cash; per MW of operating IT capacity where that is known."""
    figure = pd.to_numeric(market["value"], errors="coerce")
    of = {(row.company, row.metric): value for row, value in zip(market.itertuples(), figure, strict=True)}
    rows = []
    for company in dict.fromkeys(market["company"]):
        price, shares = of.get((company, "share_price")), of.get((company, "shares_outstanding"))
        debt, cash = of.get((company, "total_debt")), of.get((company, "cash"))
        if price is None or shares is None or debt is None or cash is None:
            continue
        units = of.get((company, "op_units_limited_partners"), 0.0)
        # The file has shares in millions and money in millions of USD.
        value = (price * (shares + units) + debt + of.get((company, "redeemable_nci"), 0.0) - cash) * MILLION
        mw = of.get((company, "it_capacity_operating"), float("nan"))
        mine = market[(market["company"] == company) & (market["metric"] == "share_price")]
        rows.append({"company": company, "enterprise_value_usd": value, "mw": mw, "m_usd_per_mw": value / MILLION / mw,
                     "of_day": mine["as_of"].iloc[-1]})  # fmt: skip
    return pd.DataFrame(rows, columns=["company", "enterprise_value_usd", "mw", "m_usd_per_mw", "of_day"])
