"""Bitcoin held and its fair value: units on the bitcoin member in a unit of bitcoin, held against that day's price.

Blocked: coins that a filer keeps or safeguards for customers. Refused: units that only look like coins (miners sold,
cables), and counts that carry another dimension than the coin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from screener.sources.edgar.found import Left, Stock, bare, one_dimension
from screener.sources.edgar.groups import CLASH, Choice, near
from screener.sources.edgar.statements import plain, which

UNITS_TAG = "CryptoAssetNumberOfUnits"
FAIR_VALUE_TAGS = ("CryptoAssetFairValueCurrent", "CryptoAssetFairValueNoncurrent", "CryptoAssetFairValue")
_AXIS = "CryptoAssetAxis"
_MEMBER = {
    "btc": re.compile(r"(btc|bitcoins?)(member|cryptoassetmember|)", re.IGNORECASE),
    "eth": re.compile(r"(eth|ether|ethereum)(member|cryptoassetmember|)", re.IGNORECASE),
}
_UNIT = re.compile(r"btc|bitcoins?", re.IGNORECASE)
# Units that say nothing of what is counted; any other name is another thing.
_VAGUE = re.compile(r"units?|pure|number|items?|integer|coins?|shares|cryptoassets?|digitalassets?", re.IGNORECASE)
_CUSTODY = re.compile(r"custod|safeguard|platformoperator|onbehalfof|customer.*(crypto|digital|coin)", re.IGNORECASE)
_COIN = "(bitcoin|crypto|digitalasset|digitalcurrenc)"
_AWAY = "(receivable|collateral|pledge|restricted|posted|lent|loaned)"
_PLEDGED = re.compile(f"{_AWAY}.*{_COIN}|{_COIN}.*{_AWAY}", re.IGNORECASE)
_OWN_COUNT = re.compile(r"numberof(bitcoins?|btc)|(bitcoins?|btc)(held|units|quantity|holdings)", re.IGNORECASE)
_STANDARD = {"us-gaap", "ifrs-full", "dei", "srt"}


def is_custody(name: str) -> bool:
    """Whether a tag or a member is of coins kept for customers."""
    return bool(_CUSTODY.search(bare(name)))


def of_customers(dimensions: Iterable[tuple[str, str]]) -> bool:
    """Whether a fact's dimensions say that its coins are customers'."""
    return any(is_custody(member) for _, member in dimensions)


def coin_of(dimensions: tuple[tuple[str, str], ...]) -> str | None:
    """The coin of a fact with one dimension, the coin: btc, eth, or the member's own name; None for other dimensions."""
    axis, member = one_dimension(dimensions)
    if axis != _AXIS:
        return None
    return next((coin for coin, pattern in _MEMBER.items() if pattern.fullmatch(member)), member)


def fair_values(rows: pd.DataFrame, whole: Choice | None, end: pd.Timestamp, accession: str) -> list[Stock]:
    """Fair value of bitcoin and of ether on a day as one filing states it.

    Parameters
    ----------
    rows : DataFrame
        The filing's settled facts of that day.
    whole : Choice or None
        All coins, as the item map reads them.

    Notes
    -----
    Where the filing splits the same tags by coin and the parts sum to the whole, each coin has its own part; otherwise the
    whole counts as bitcoin, and needs a person where the filing names other coins.
    """
    if whole is None:
        return []
    tags = [name.partition(":")[2] for name in whole.counted]
    split = rows[rows["concept"].isin(tags) & (rows["unit"] == "USD") & (rows["taxonomy"] == "us-gaap")]
    split = split.assign(coin=split["dimensions"].map(coin_of))
    split = split[split["coin"].notna() & ~which(split["dimensions"], of_customers)]
    checks, needs = list(whole.checks), list(whole.needs)
    pledged = pledged_coins(rows, whole.value)
    checks += [f"not in it: {words}" for words in pledged]
    parts = split.groupby("coin")["value"].sum()
    if len(parts) and near(float(parts.sum()), whole.value, CLASH / 4):
        agrees = f"the coins sum to {whole.derivation}"
        return [
            Stock(f"{coin}_fair_value", end, float(parts[coin]), "usd", _by_coin(split, coin), accession,
                  (agrees, *checks), tuple(needs))
            for coin in ("btc", "eth")
            if coin in parts
        ]  # fmt: skip
    others = other_coins(rows)
    if others:
        needs.append(f"may include other coins: the filing names {', '.join(others)}")
    return [Stock("btc_fair_value", end, whole.value, "usd", whole.derivation, accession, tuple(checks), tuple(needs))]


def _by_coin(split: pd.DataFrame, coin: str) -> str:
    rows = split[split["coin"] == coin]
    return " + ".join(
        f"{row.concept} of {one_dimension(row.dimensions)[1]} {plain(row.value)}"
        for row in rows.sort_values(["concept", "dimensions"]).itertuples()
    )


def other_coins(rows: pd.DataFrame) -> list[str]:
    """Other coins that facts name, by a member of the coin axis or by the unit of a count."""
    members = {coin_of(dims) for dims in rows["dimensions"]} - {None, "btc"}
    units = rows.loc[rows["concept"] == UNITS_TAG, "unit"]
    named = {unit for unit in units if unit.isupper() and len(unit) in (3, 4) and not _UNIT.fullmatch(unit)}
    return sorted({str(member) for member in members} | named)


def pledged_coins(rows: pd.DataFrame, fair_value: float) -> list[str]:
    """Coins that are pledged, lent or receivable by their tags, each above 2% of the fair value held."""
    amounts = rows[(rows["unit"] == "USD") & which(rows["dimensions"], lambda dims: not dims)]
    told = amounts[which(amounts["concept"], lambda tag: bool(_PLEDGED.search(tag)) and not is_custody(tag))]
    told = told[told["value"].abs() > CLASH * abs(fair_value)].sort_values(["concept", "value"])
    return [f"{row.taxonomy}:{row.concept} {plain(row.value)}" for row in told.itertuples()]


def held(
    rows: pd.DataFrame, end: pd.Timestamp, accession: str, fair_value: float | None, price: pd.Series | None
) -> tuple[list[Stock], list[Left]]:
    """Bitcoin held on a day as one filing states it, and the counts that are none.

    Parameters
    ----------
    rows : DataFrame
        The filing's settled facts of that day.
    fair_value : float or None
        Of bitcoin, USD.
    price : Series or None
        USD by day.
    """
    found: dict[float, str] = {}
    left = []
    for row in rows[(rows["concept"] == UNITS_TAG) & (rows["value"] >= 0)].itertuples():
        coin, is_unit = coin_of(row.dimensions), bool(_UNIT.fullmatch(row.unit))
        reason = ""
        if of_customers(row.dimensions):
            reason = "kept for customers"
        elif row.dimensions and coin is None:
            members = ", ".join(bare(member) for _, member in row.dimensions)
            reason = f"a count by another dimension than the coin: {members}"
        elif coin not in (None, "btc"):
            reason = f"a count of {coin}"
        elif not is_unit and not (coin == "btc" and _VAGUE.fullmatch(row.unit)):
            reason = f"the unit {row.unit} is not bitcoin"
        if reason:
            left.append(Left("btc_held", end, f"us-gaap:{UNITS_TAG}", row.unit, float(row.value), reason, accession))
            continue
        where = f" of {one_dimension(row.dimensions)[1]}" if row.dimensions else ""
        found[float(row.value)] = f"{UNITS_TAG}{where} {plain(row.value)} in unit {row.unit}"
    left += _own_counts(rows, end, accession)
    if not found:
        return [], left
    value = max(found)
    needs = [f"the filing states {', '.join(plain(one) for one in sorted(found))} bitcoin"] if len(found) > 1 else []
    checks, doubt = held_against(value, fair_value, price, end)
    needs += doubt
    if fair_value:
        needs += [f"coins elsewhere: {one}" for one in pledged_coins(rows, fair_value)]
    return [Stock("btc_held", end, value, "btc", found[value], accession, tuple(checks), tuple(needs))], left


def held_against(
    coins: float, fair_value: float | None, price: pd.Series | None, day: pd.Timestamp
) -> tuple[list[str], list[str]]:
    """What fair value over coins says beside that day's bitcoin price: checks that held, and reasons for a person."""
    if not fair_value:
        return ([], ["no fair value to hold the count against"]) if coins else (["no coins and no fair value"], [])
    if not coins:
        return [], [f"no coins, and a fair value of {plain(fair_value)} USD"]
    each = fair_value / coins
    own = price.get(day) if price is not None else None
    if own is None or pd.isna(own):
        return [], [f"fair value over coins is {each:.0f} USD; no bitcoin price of {day:%Y-%m-%d} to hold it against"]
    said = f"fair value over coins is {each:.0f} USD, the price {float(own):.0f} USD"
    return ([said], []) if near(each, float(own), CLASH) else ([], [said])


def _own_counts(rows: pd.DataFrame, end: pd.Timestamp, accession: str) -> list[Left]:
    """Own tags that look like a count of coins; none is used before a person gives it a factor in items.csv."""
    own = rows[~rows["taxonomy"].isin(_STANDARD) & which(rows["dimensions"], lambda dims: not dims)]
    own = own[which(own["concept"], lambda tag: bool(_OWN_COUNT.search(tag)))]
    return [
        Left("btc_held", end, f"{row.taxonomy}:{row.concept}", row.unit, float(row.value), "an own tag", accession)
        for row in own.itertuples()
    ]


def customers(rows: pd.DataFrame, end: pd.Timestamp, accession: str) -> list[Left]:
    """Amounts of coins kept for customers: blocked."""
    told = rows[
        which(rows["concept"], is_custody) & which(rows["dimensions"], lambda dims: not dims) & (rows["value"] != 0)
    ]
    return [
        Left("btc_fair_value", end, f"{row.taxonomy}:{row.concept}", row.unit, float(row.value), "kept for customers",
             accession)
        for row in told.itertuples()
    ]  # fmt: skip
