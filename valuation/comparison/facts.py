"""Changes of the facts in use between two screens, with the effect of the line that each is part of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.comparison.attribution import FACTORS

FACT_COLUMNS = ["ticker", "item", "period_end", "published_on", "value", "unit", "source", "source_url"]
# Prices move every week and are compared by company; contracts have their own table.
NOT_FACTS = ("price_usd", "btc_usd")
CONTRACT_PREFIX = "contract: "
# The factor of EV per MW that an item is part of: of rows like `cash: transaction, atm` and `warrant: 2027` the first word.
FACTOR_OF_ITEM = {
    "shares_outstanding": "shares", "warrant": "shares", "option": "shares", "rsu": "shares",
    "convertible": "conversion", "debt_total": "debt", "other_debt_carrying": "debt",
    "cash": "cash", "restricted_cash": "cash",
    "btc_held": "bitcoin", "btc_pledged": "bitcoin", "eth_held": "bitcoin", "eth_fair_value": "bitcoin",
    "lease_liabilities_finance": "other_claims", "preferred_equity": "other_claims", "deferred_revenue": "other_claims",
    "noncontrolling_interest": "other_claims", "noncontrolling_interest_pct": "other_claims",
    "mw_secured": "mw", "mw_operating": "mw",
}  # fmt: skip


def fact_changes(old: pd.DataFrame, new: pd.DataFrame, attribution: pd.DataFrame) -> pd.DataFrame:
    """Facts that were restated, renewed, added or are no longer used, the largest effect on EV per MW first.

    Parameters
    ----------
    old, new : DataFrame
        `Screen.facts` of both screens.
    attribution : DataFrame
        `Attribution.frame`.

    Returns
    -------
    DataFrame
        change, ticker, item, old_period, old, new_period, new, unit, source, source_url, published_on; factor (of EV
        per MW, empty where the item is part of none) and effect: of the company's whole factor, in m USD per MW, which
        several of its facts may share; NaN where it has no attribution.
    """
    before, after = (_comparable(frame) for frame in (old, new))
    key = ["ticker", "item", "period_end", "occurrence"]
    both = before.merge(after, on=key, suffixes=("_old", "_new"))
    restated = both[both["value_old"].ne(both["value_new"]) & ~(both["value_old"].isna() & both["value_new"].isna())]
    parts = [_told("restated", restated, restated["period_end"], restated["period_end"])]

    fresh = after.merge(before[key], on=key, how="left", indicator=True)
    fresh = fresh[fresh["_merge"] == "left_only"].drop(columns="_merge")
    latest = before.sort_values("period_end", kind="stable").drop_duplicates(["ticker", "item"], keep="last")
    against = fresh.merge(latest, on=["ticker", "item"], how="left", suffixes=("_new", "_old"))
    known = against["period_end_old"].notna()
    newer = against[known & (against["period_end_new"] > against["period_end_old"])]
    parts.append(_told("newer period", newer, newer["period_end_old"], newer["period_end_new"]))
    first = against[~known]
    parts.append(_told("new", first, first["period_end_old"], first["period_end_new"]))

    gone = before.merge(after[["ticker", "item"]], on=["ticker", "item"], how="left", indicator=True)
    gone = gone[gone["_merge"] == "left_only"].rename(columns={"value": "value_old"})
    gone = gone.assign(value_new=np.nan, **{f"{c}_new": gone[c] for c in FACT_COLUMNS[3:] if c != "value"})
    parts.append(_told("no longer used", gone, gone["period_end"], pd.Series(pd.NaT, index=gone.index)))
    return _by_effect(pd.concat(parts, ignore_index=True), attribution)


def _by_effect(rows: pd.DataFrame, attribution: pd.DataFrame) -> pd.DataFrame:
    factor = rows["item"].str.split(":").str[0].map(FACTOR_OF_ITEM)
    index = pd.MultiIndex.from_product([attribution.index, FACTORS])
    wide = pd.Series(attribution[list(FACTORS)].to_numpy(dtype=float).ravel(), index=index)
    keys = pd.MultiIndex.from_arrays([rows["ticker"], factor])
    out = rows.assign(factor=factor.fillna("").astype(object), effect=wide.reindex(keys).to_numpy(dtype=float))
    order = out["effect"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return out.loc[order].reset_index(drop=True)


def _comparable(facts: pd.DataFrame) -> pd.DataFrame:
    rows = facts[~facts["item"].isin(NOT_FACTS) & ~facts["item"].str.startswith(CONTRACT_PREFIX)][FACT_COLUMNS]
    # Two notes of one day and kind share a key; their order in the file tells them apart.
    return rows.assign(occurrence=rows.groupby(["ticker", "item", "period_end"], dropna=False).cumcount())


def _told(change: str, rows: pd.DataFrame, old_period: pd.Series, new_period: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "change": np.full(len(rows), change, dtype=object),
            "ticker": rows["ticker"].to_numpy(dtype=object),
            "item": rows["item"].to_numpy(dtype=object),
            "old_period": old_period.to_numpy(dtype="datetime64[ns]"),
            "old": rows["value_old"].to_numpy(dtype=float),
            "new_period": new_period.to_numpy(dtype="datetime64[ns]"),
            "new": rows["value_new"].to_numpy(dtype=float),
            "unit": rows["unit_new"].to_numpy(dtype=object),
            "source": rows["source_new"].to_numpy(dtype=object),
            "source_url": rows["source_url_new"].to_numpy(dtype=object),
            "published_on": rows["published_on_new"].to_numpy(dtype="datetime64[ns]"),
        }
    )
