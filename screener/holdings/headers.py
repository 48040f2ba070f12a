"""Which column is which: the names that brokers give to the same thing."""

from __future__ import annotations

import re

# In order of preference; names without case, spaces and signs.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "ticker": ("symbol", "ticker", "tickersymbol", "securitysymbol", "instrument", "security", "symbolcusip", "code"),
    "quantity": ("quantity", "qtyquantity", "qty", "shares", "units", "position", "sharesowned", "numberofshares"),
    "price": ("price", "lastprice", "closeprice", "markprice", "currentprice", "marketprice", "pricepershare"),
    "value": (
        "marketvalue", "mktvalmarketvalue", "currentvalue", "value", "positionvalue", "mktvalue", "totalvalue", "amount",
    ),
    "cost": (
        "costbasis", "costbasistotal", "totalcost", "costbasismoney", "bookvalue", "bookcost", "totalcostbasis", "cost",
        "purchasevalue",
    ),
    "unit_cost": (
        "averagecostbasis", "averagecost", "avgcost", "costprice", "costbasisprice", "unitcost", "averageprice", "avgprice",
        "costpershare", "costbasispershare", "purchaseprice", "avgcostbasis", "bookprice",
    ),
    "currency": ("currency", "currencyprimary", "ccy", "currencycode", "tradingcurrency"),
    "account": ("accountnumber", "account", "clientaccountid", "accountid", "accountname", "portfolio"),
    "description": ("description", "name", "securityname", "companyname", "securitydescription"),
    "kind": ("securitytype", "assetclass", "assetcategory", "instrumenttype", "producttype", "assettype"),
    "lot": ("opendatetime", "opendate", "dateacquired", "acquired", "purchasedate", "tradedate", "lot", "lotid"),
    "multiplier": ("mult", "multiplier", "contractmultiplier"),
    "level": ("datadiscriminator", "levelofdetail"),
    "side": ("side", "longshort", "positiontype"),
}  # fmt: skip
_FIELD = {name: (field, rank) for field, names in SYNONYMS.items() for rank, name in enumerate(names)}
# With one of these beside the ticker a row of names is the header of a table of holdings.
AMOUNTS = ("quantity", "value")


def plain(text: str) -> str:
    """A header without case, spaces and signs: `Qty (Quantity)` is qtyquantity."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def columns_of(row: list[str]) -> dict[str, int]:
    """Which field stands in which column, where the row is a header of holdings; empty where it is not."""
    best: dict[str, tuple[int, int]] = {}
    for at, text in enumerate(row):
        found = _FIELD.get(plain(text)) if text and len(text) < 60 else None
        if found is not None and (found[0] not in best or found[1] < best[found[0]][0]):
            best[found[0]] = (found[1], at)
    if "ticker" not in best or not any(field in best for field in AMOUNTS) or len(best) < 2:
        return {}
    return {field: at for field, (_, at) in best.items()}
