"""Weeks of the network: the seven days to a Friday, UTC, once they are over; price, hashrate, reward and fees of them.

    blocks a day     = mean over the days of hashrate x 86,400 / (difficulty x 2^32)
    reward and fees  = subsidy x blocks a day + mean fees a day

Hashrate is itself an estimate from the blocks that were found, so the week's reward must be that of the same blocks:
with 144 a day in its place, a week of few blocks would show a hashprice that nobody earned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from screener.sources.fetched import PLACE_COLUMNS, stack
from screener.sources.network import blockchain_info, mempool
from screener.sources.network.days import DAY, Days
from screener.sources.network.subsidy import subsidy
from screener.sources.told import NETWORK_COLUMNS
from valuation.mining.economics import HASHES_PER_DIFFICULTY

ORDER = (mempool.SOURCE, blockchain_info.SOURCE)
DAYS_A_WEEK = 7
SECONDS_A_DAY = 86_400
# Blocks come every ten minutes on average; a week that is off by more than a factor of two is off in its unit.
FEWEST_BLOCKS, MOST_BLOCKS = 72.0, 288.0
DISAGREEMENT = 0.02
COMPARED = {
    "btc_usd": ("price", "{:,.0f} USD"),
    "hashrate_eh_per_s": ("hashrate", "{:,.1f} EH/s"),
    "difficulty": ("difficulty", "{:.4g}"),
    "reward_and_fees_btc_per_day": ("reward and fees", "{:,.1f} BTC a day"),
}


def over(since: pd.Timestamp, until: pd.Timestamp, now: pd.Timestamp) -> list[pd.Timestamp]:
    """The Fridays of [since, until] whose week is over; `now` is UTC without a zone."""
    fridays = pd.date_range(since.normalize(), until.normalize(), freq="W-FRI")
    return [friday for friday in fridays if friday + DAY <= now]


def weekly(days: Days, fridays: Sequence[pd.Timestamp], fees: pd.Series) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """A source's weeks.

    Parameters
    ----------
    days : Days
    fridays : sequence of Timestamp
    fees : Series
        BTC paid in fees on a day, by the midnight that begins it.

    Returns
    -------
    DataFrame
        `NETWORK_COLUMNS`: price at the end of the week, mean hashrate, difficulty at the end, reward and fees; NaN
        where one of the seven days is not known, and hashrate too where the difficulty of one is not; a week without any
        figure is left out.
    list of Timestamp
        Weeks whose hashrate is not used: beside the difficulty it means a number of blocks that cannot be.
    """
    ends = pd.DatetimeIndex(fridays) + DAY
    starts = ends - DAYS_A_WEEK * DAY
    midnights = starts.to_numpy()[:, None] + np.arange(DAYS_A_WEEK + 1) * DAY.to_timedelta64()
    hashrate = _by_day(days.hashrate, midnights[:, :-1])
    blocks = hashrate * 1e18 * SECONDS_A_DAY / HASHES_PER_DIFFICULTY * _mean_inverse(days, midnights)
    a_day = blocks.mean(axis=1)
    wrong = ~np.isnan(a_day) & ~((a_day > FEWEST_BLOCKS) & (a_day < MOST_BLOCKS))
    # Beside no difficulty, nothing says whether a hashrate is in the unit that it seems to be in.
    mean = np.where(wrong | np.isnan(a_day), np.nan, hashrate.mean(axis=1))
    reward = subsidy(starts, ends, days.heights) * a_day + _by_day(fees, midnights[:, :-1]).mean(axis=1)
    table = pd.DataFrame(
        {
            "date": pd.DatetimeIndex(fridays).as_unit("ns"),
            "btc_usd": days.price.reindex(ends).to_numpy(dtype=float),
            "hashrate_eh_per_s": mean,
            "difficulty": _in_force(days, midnights[:, -1:])[:, 0],
            "reward_and_fees_btc_per_day": np.where(wrong, np.nan, reward),
        }
    )
    known = table[NETWORK_COLUMNS[1:]].notna().any(axis=1)
    return table[known].reset_index(drop=True), list(pd.DatetimeIndex(fridays)[wrong])


def _by_day(values: pd.Series, midnights: np.ndarray) -> np.ndarray:
    return values.reindex(midnights.ravel()).to_numpy(dtype=float).reshape(midnights.shape)


def _in_force(days: Days, instants: np.ndarray) -> np.ndarray:
    """Difficulty just before each instant."""
    since = days.difficulty.index.to_numpy()
    at = np.searchsorted(since, instants, side="left") - 1
    if not len(since):
        return np.full(instants.shape, np.nan)
    holds = (at >= 0) & (instants - since[np.maximum(at, 0)] <= days.difficulty_holds.to_timedelta64())
    return np.where(holds, days.difficulty.to_numpy(dtype=float)[np.maximum(at, 0)], np.nan)


def _mean_inverse(days: Days, midnights: np.ndarray) -> np.ndarray:
    """Mean of 1 / difficulty over each day, weighted by time: an adjustment falls within a day."""
    changes = days.difficulty.index.to_numpy()
    cuts = np.unique(np.concatenate([midnights.ravel(), changes]))
    length = np.diff(cuts) / np.timedelta64(1, "s")
    pieces = np.concatenate([[0.0], np.cumsum(np.nan_to_num(length / _in_force(days, cuts[1:])))])
    unknown = np.concatenate([[0], np.cumsum(np.isnan(_in_force(days, cuts[1:])))])
    at = np.searchsorted(cuts, midnights)
    inverse = np.diff(pieces[at], axis=1) / SECONDS_A_DAY
    return np.where(np.diff(unknown[at], axis=1) > 0, np.nan, inverse)


def combined(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a week out of the rows of several sources.

    Parameters
    ----------
    rows : DataFrame
        source, `NETWORK_COLUMNS`; as of `Ledger.network`.

    Returns
    -------
    DataFrame
        `NETWORK_COLUMNS` and `source`. Hashrate, difficulty, reward and fees are one source's, the first in order that
        knows hashrate and reward; the price is that of the first that knows it.
    """
    rows = rows[rows["source"].isin(ORDER)]
    rows = rows.assign(rank=rows["source"].map(ORDER.index))
    whole = rows[["hashrate_eh_per_s", "reward_and_fees_btc_per_day"]].notna().all(axis=1)
    part = rows["hashrate_eh_per_s"].notna()
    mined = rows.assign(less=np.select([whole, part], [0, 1], 2)).sort_values(["date", "less", "rank"])
    mined = mined.drop_duplicates("date").set_index("date")
    priced = rows.dropna(subset=["btc_usd"]).sort_values(["date", "rank"]).drop_duplicates("date").set_index("date")
    out = mined.assign(btc_usd=priced["btc_usd"].reindex(mined.index))
    return out.reset_index()[[*NETWORK_COLUMNS, "source"]]


def merged(own: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A universe's weeks and those that sources told since.

    Parameters
    ----------
    own : DataFrame
        The universe's network file, with the place of each row.
    rows : DataFrame
        source, `NETWORK_COLUMNS`; as of `Ledger.network`.

    Returns
    -------
    DataFrame
        As `own`, by date. Every cell of the universe stands; its unknown price, and its hashrate with difficulty and
        reward where neither hashrate nor reward is known, are the sources' of the same day.
    """
    told = combined(rows).set_index("date")
    same = told.reindex(own["date"])
    mining = ["hashrate_eh_per_s", "reward_and_fees_btc_per_day"]
    open_ = own[mining].isna().all(axis=1).to_numpy() & same[mining].notna().all(axis=1).to_numpy()
    filled = own.copy()
    filled["btc_usd"] = own["btc_usd"].where(own["btc_usd"].notna(), same["btc_usd"].to_numpy())
    for name in ("hashrate_eh_per_s", "difficulty", "reward_and_fees_btc_per_day"):
        filled[name] = np.where(open_, same[name].to_numpy(), own[name])
    newer = told[~told.index.isin(own["date"])].reset_index()
    newer = newer.assign(file=newer["source"], line=np.nan)
    columns = [*NETWORK_COLUMNS, *(name for name in PLACE_COLUMNS if name in own)]
    filled = filled.astype({"line": float}) if "line" in own else filled
    return stack([filled, newer], columns).sort_values("date", ignore_index=True, kind="stable")


def disagreements(rows: pd.DataFrame) -> Iterable[tuple[pd.Timestamp, str]]:
    """(week, in words) where two sources are more than 2% apart, of source and `NETWORK_COLUMNS`."""
    one, other = (rows[rows["source"] == source].set_index("date") for source in ORDER)
    for week in one.index.intersection(other.index):
        apart = []
        for name, (title, form) in COMPARED.items():
            a, b = float(one.at[week, name]), float(other.at[week, name])
            if abs(a - b) > DISAGREEMENT * max(a, b):
                values = f"{form.format(a)} at {ORDER[0]}, {form.format(b)} at {ORDER[1]}"
                apart.append(f"{title}: {values}, {abs(a / b - 1):.1%} apart")
        if apart:
            yield week, "; ".join(apart)
