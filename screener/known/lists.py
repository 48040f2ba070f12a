"""Lists as known on a date: instruments, contracts with their terms, exits, phases, borrowings, estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.known.rule import select
from screener.splits import days, split_factor

# Transactions with which power leaves the company.
SALE_KINDS = ("jv_exit", "site_sale")
REDEEMABLE = r"redemption from (\d{4}-\d{2}-\d{2})"
# One number, alone or with the words that say that it is paid, and fixed.
FIXED_COUPON = r"(?i)^(?:fixed|cash|\s)*(\d+(?:\.\d+)?)\s*%?(?:fixed|cash|\s)*$"


def instruments_on(
    instruments: pd.DataFrame,
    splits: pd.DataFrame,
    tickers: pd.Index,
    as_of: pd.DatetimeIndex,
    price_day: np.ndarray,
) -> pd.DataFrame:
    """A row a date and instrument outstanding and published, terms on the price's split basis."""
    mine = instruments[instruments["ticker"].isin(tickers)]
    t = days(as_of)
    issued, published = days(mine["issued_on"]), days(mine["published_on"])
    retired = np.where(mine["retired_on"].isna(), np.iinfo(np.int64).max, days(mine["retired_on"]))
    last_year = mine["matures_year"].fillna(np.inf).to_numpy()
    year = as_of.year.to_numpy()[:, None]
    live = (issued <= t[:, None]) & (published <= t[:, None]) & (t[:, None] < retired) & (year <= last_year)
    date_at, row_at = np.nonzero(live)
    out = mine.iloc[row_at].reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    quoted_on = price_day[date_at, tickers.get_indexer(out["ticker"])]
    factor = split_factor(splits, out["ticker"].to_numpy(), days(out["issued_on"]), quoted_on)
    out["price_usd"] = out["price_usd"] / factor
    out["quantity"] = out["quantity"] * factor
    return out


def contracts_on(contracts: pd.DataFrame, terms: pd.DataFrame, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and contract announced and not exited, with the terms known by then, percents as fractions."""
    return _announced(contracts, terms, as_of, exited=False)


def exits_on(
    contracts: pd.DataFrame, terms: pd.DataFrame, transactions: pd.DataFrame, as_of: pd.DatetimeIndex
) -> pd.DataFrame:
    """A row a date and contract exited by then, with `sold`: the power left with it.

    Power leaves with a joint venture, or where the company sold a site on that day. It stays where the company announced
    a contract on the same site on the same day (an amended lease), and where a lease merely ended.
    """
    out = _announced(contracts, terms, as_of, exited=True)
    on = ["ticker", "exited_on"]
    again = contracts[["ticker", "site", "announced_on"]].rename(columns={"announced_on": "exited_on"})
    replaced = pd.MultiIndex.from_frame(out[[*on, "site"]]).isin(pd.MultiIndex.from_frame(again[[*on, "site"]]))
    sales = transactions[transactions["kind"].isin(SALE_KINDS)].rename(columns={"date": "exited_on"})
    key = ["as_of", *on]
    known = out[key].merge(sales[[*on, "published_on"]], on=on)
    known = known[known["published_on"] <= known["as_of"]]
    site_sold = pd.MultiIndex.from_frame(out[key]).isin(pd.MultiIndex.from_frame(known[key]))
    out["sold"] = (out["kind"].eq("jv_lease").to_numpy(dtype=bool) | site_sold) & ~replaced
    return out


def _announced(
    contracts: pd.DataFrame, terms: pd.DataFrame, as_of: pd.DatetimeIndex, *, exited: bool
) -> pd.DataFrame:  # fmt: skip
    """A row a date and contract announced by then, either in force or exited."""
    t = days(as_of)
    changed = _with_terms(contracts, terms, t)
    announced = days(contracts["announced_on"])[None, :]
    exits = changed.get("exited_on", np.broadcast_to(contracts["exited_on"].to_numpy(), (len(t), len(contracts))))
    ended = np.where(np.isnat(exits), np.iinfo(np.int64).max, exits.astype("datetime64[D]").astype(np.int64))
    over = ended <= t[:, None]
    date_at, row_at = np.nonzero((announced <= t[:, None]) & (over if exited else ~over))
    out = contracts.iloc[row_at].reset_index(drop=True)
    for name, values in changed.items():
        out[name] = values[date_at, row_at]
    out.insert(0, "as_of", as_of[date_at])
    for name in ("escalator", "noi_margin", "owner_share", "prepayment"):
        out[name] = out[f"{name}_pct"] / 100.0
    return out


def _with_terms(contracts: pd.DataFrame, terms: pd.DataFrame, t: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of contracts.csv that a term changed, each (dates, contracts): before its publication the filed value."""
    out: dict[str, np.ndarray] = {}
    known = terms[terms["contract_id"].isin(contracts["contract_id"])]
    for name, rows in known.groupby("column"):
        own = contracts[name]
        if pd.api.types.is_datetime64_any_dtype(own):
            values = pd.to_datetime(rows["value"]).to_numpy(dtype="datetime64[ns]")
        elif pd.api.types.is_numeric_dtype(own):
            values = pd.to_numeric(rows["value"]).to_numpy(dtype=float)
        else:
            values = rows["value"].to_numpy(dtype=object)
        key = pd.Index(contracts["contract_id"]).get_indexer(rows["contract_id"])
        published = days(rows["published_on"])
        found = select(key, len(contracts), published, published, t)
        filed = np.broadcast_to(own.to_numpy(dtype=values.dtype), found.shape)
        out[str(name)] = np.where(found >= 0, values[np.maximum(found, 0)], filed)
    return out


def published_by(rows: pd.DataFrame, columns: list[str], as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and row published by then."""
    date_at, row_at = np.nonzero(days(rows["published_on"])[None, :] <= days(as_of)[:, None])
    out = rows[columns].iloc[row_at].reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    return out


def latest(rows: pd.DataFrame, keys: list[str], published: str, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and key: of the rows published by then the latest."""
    key, each = pd.MultiIndex.from_frame(rows[keys]).factorize()
    known = days(rows[published])
    found = select(key, len(each), known, known, days(as_of))
    date_at, key_at = np.nonzero(found >= 0)
    out = rows.iloc[found[date_at, key_at]].drop(columns=["file", "line"], errors="ignore").reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    return out


def debt_on(rows: pd.DataFrame, tickers: pd.Index, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date, company and instrument known by then: coupon as a fraction, maturity as the last day told.

    A coupon is a number, with the words fixed or cash beside it at most: a floating one or one paid in kind is unknown.
    """
    out = latest(rows[rows["ticker"].isin(tickers)], ["ticker", "instrument"], "known_on", as_of)
    out["coupon"] = fixed_coupon(out["coupon_pct"])
    out["matures_on"] = last_day(out["matures_on"])
    is_preferred = out["instrument"].astype(object).str.contains("preferred", case=False)
    out["is_preferred"] = is_preferred.to_numpy(dtype=bool)
    told = out["seniority"].astype(object).astype(str).str.extract(REDEEMABLE, expand=False)
    out["redeemable_from"] = pd.to_datetime(told.where(is_preferred), format="%Y-%m-%d", errors="coerce")
    return out


def fixed_coupon(told: pd.Series) -> pd.Series:
    """The coupon that is paid whatever rates do, as a fraction, from percent as told; NaN for every other text."""
    text = told.astype(object).astype(str).str.strip()
    number = text.str.extract(FIXED_COUPON, expand=False)
    return pd.to_numeric(number, errors="coerce").astype(float) / 100.0


def last_day(told: pd.Series) -> pd.Series:
    """The last day of a year (2030), month (2030-06) or day told; NaT for everything else."""
    text = told.astype(object).astype(str)
    out = pd.Series(pd.NaT, index=told.index, dtype="datetime64[ns]")
    for form, pattern, end in (
        ("%Y", r"\d{4}", pd.offsets.YearEnd()),
        ("%Y-%m", r"\d{4}-\d{2}", pd.offsets.MonthEnd()),
        ("%Y-%m-%d", r"\d{4}-\d{2}-\d{2}", None),
    ):
        fits = text.str.fullmatch(pattern)
        found = pd.to_datetime(text[fits], format=form, errors="coerce")
        out[fits] = found if end is None else found + end
    return out
