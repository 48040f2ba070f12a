"""What preferred shares can be redeemed at, beside what they are carried at."""

from __future__ import annotations

import pandas as pd

from screener.sources.edgar.found import Stock, one_dimension
from screener.sources.edgar.groups import CLASH, Choice, near
from screener.sources.edgar.statements import plain, which

_CARRYING = "TemporaryEquityCarryingAmountAttributableToParent"
_IN_ALL = ("PreferredStockLiquidationPreferenceValue", "TemporaryEquityLiquidationPreference",
           "PreferredStockRedemptionAmount", "TemporaryEquityAggregateAmountOfRedemptionRequirement")  # fmt: skip
_EACH = ("PreferredStockLiquidationPreference", "TemporaryEquityLiquidationPreferencePerShare",
         "PreferredStockRedemptionPricePerShare", "TemporaryEquityRedemptionPricePerShare")  # fmt: skip
_SHARES = ("PreferredStockSharesOutstanding", "TemporaryEquitySharesOutstanding")
_AXES = {"StatementClassOfStockAxis", "StatementEquityComponentsAxis"}
_ALL_SERIES = "PreferredStockMember"


def equity(rows: pd.DataFrame, whole: Choice | None, end: pd.Timestamp, accession: str) -> list[Stock]:
    """Preferred equity on a day at its carrying amount; a person decides where redemption is stated at another.

    Parameters
    ----------
    rows : DataFrame
        The filing's settled facts of that day.
    whole : Choice or None
        The figure without dimensions, as the item map reads it. Where there is none, series are added.
    """
    if whole is None and not rows["concept"].eq(_CARRYING).any():
        return []
    tags = {_CARRYING, *_IN_ALL, *_EACH, *_SHARES}
    stated = rows[(rows["taxonomy"] == "us-gaap") & rows["concept"].isin(tags)]
    stated = stated[which(stated["dimensions"], _of_series)]
    stated = stated.assign(series=[one_dimension(dims)[1] for dims in stated["dimensions"]])
    if whole is None:
        return _by_series(stated, end, accession)
    needs = list(whole.needs)
    redeemed, words = _redemption(stated)
    if words and not near(redeemed, whole.value, CLASH):
        needs.append(f"carried at {plain(whole.value)}, redeemable at {plain(redeemed)} ({words})")
    checks = (*whole.checks, *((f"redeemable at {plain(redeemed)}",) if words else ()))
    return [Stock("preferred_equity", end, whole.value, "usd", whole.derivation, accession, checks, tuple(needs))]


def _of_series(dimensions: tuple[tuple[str, str], ...]) -> bool:
    axis, _ = one_dimension(dimensions)
    return not dimensions or axis in _AXES


def _by_series(stated: pd.DataFrame, end: pd.Timestamp, accession: str) -> list[Stock]:
    carried = stated[(stated["concept"] == _CARRYING) & (stated["unit"] == "USD") & (stated["series"] != "")]
    values = carried.groupby("series")["value"].max()
    series = values.drop(_ALL_SERIES, errors="ignore")
    if series.empty:
        return []
    needs = ["added over series of preferred shares; read at what each can be redeemed"]
    total = float(series.sum())
    checks: tuple[str, ...] = ()
    if _ALL_SERIES in values:
        stated_total = float(values[_ALL_SERIES])
        if near(stated_total, total, CLASH / 4):
            checks = (f"the series sum to {plain(stated_total)}",)
        else:
            needs.append(f"the series sum to {plain(total)}, all preferred is stated at {plain(stated_total)}")
    words = f"{_CARRYING}: " + " + ".join(f"{name} {plain(value)}" for name, value in series.items())
    return [Stock("preferred_equity", end, total, "usd", words, accession, checks, tuple(needs))]


def _redemption(stated: pd.DataFrame) -> tuple[float, str]:
    """The amount at which all preferred shares can be redeemed or rank in a liquidation, and its arithmetic."""
    amounts = stated[stated["concept"].isin(_IN_ALL) & (stated["unit"] == "USD")]
    whole = amounts[amounts["series"] == ""]
    if len(whole):
        top = whole.sort_values(["value", "concept"]).iloc[-1]
        return float(top["value"]), f"{top['concept']} {plain(top['value'])}"
    each = stated[stated["concept"].isin(_EACH) & (stated["unit"] == "USD/shares")].groupby("series")["value"].max()
    count = stated[stated["concept"].isin(_SHARES) & (stated["unit"] == "shares")].groupby("series")["value"].max()
    both = sorted(set(each.index) & set(count.index) - {""}) or sorted(set(each.index) & set(count.index))
    if not both and len(each) == 1 and "" in count.index:
        price = float(each.item())
        return price * float(count[""]), f"{plain(count[''])} shares at {plain(price)}"
    words = " + ".join(f"{plain(count[name])} shares at {plain(each[name])}" for name in both)
    return float(sum(count[name] * each[name] for name in both)), words
