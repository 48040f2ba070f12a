"""The one way of every number into a run: closes, coins, weeks of the network and figures, judged together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.sources.fetched import COINS
from screener.sources.gate import closes as of_closes
from screener.sources.gate import figures as of_figures
from screener.sources.gate import network as of_network
from screener.sources.gate.held import Held, frame
from screener.universes.schema import CONFIRMED

BITCOIN = COINS[0]
IN_NETWORK = "in_network"


@dataclass(frozen=True)
class Passed:
    """What can be used, in the shapes of `InputData`, and what is held back or told (`held.HELD_COLUMNS`)."""

    closes: pd.DataFrame
    facts: pd.DataFrame
    network: pd.DataFrame
    held: pd.DataFrame


def judge(
    closes: pd.DataFrame,
    facts: pd.DataFrame,
    network: pd.DataFrame,
    splits: pd.DataFrame,
    companies: Collection[str],
    before: Collection[Held] = (),
) -> Passed:
    """Judge everything that a run reads.

    Parameters
    ----------
    closes, facts, network, splits : DataFrame
        The rows of the universe, with those of a source and of the ledger laid over them.
    companies : collection of str
        Tickers of the companies, each other's peers.
    before : collection of Held
        What was held back on the way here.
    """
    used, held = of_closes.judge(_with_bitcoin(closes, network), splits, companies)
    priced = used[IN_NETWORK].to_numpy()
    price = np.full(len(network), np.nan)
    price[priced[priced >= 0]] = used["close_usd"].to_numpy()[priced >= 0]
    used = used[priced < 0].drop(columns=IN_NETWORK).reset_index(drop=True)
    lost = ~np.array_equal(price, network["btc_usd"].to_numpy(dtype=float), equal_nan=True)
    weeks, more = of_network.judge(network.assign(btc_usd=price) if lost else network)
    figures, others = of_figures.judge(facts, splits)
    return Passed(used, figures, weeks, frame([*before, *held, *more, *others]))


def _with_bitcoin(closes: pd.DataFrame, network: pd.DataFrame) -> pd.DataFrame:
    """Closes with the network's prices of bitcoin, which are one series with a source's."""
    there = np.flatnonzero(network["btc_usd"].notna().to_numpy())
    own = network.iloc[there]
    prices = pd.DataFrame(
        {"date": own["date"], "ticker": BITCOIN, "close_usd": own["btc_usd"], "file": own["file"], "line": own["line"]}
    )
    if CONFIRMED in network:
        prices[CONFIRMED] = own[CONFIRMED]
    prices[IN_NETWORK] = there
    rows = closes.assign(**{IN_NETWORK: -1})
    if prices.empty:
        return rows
    if rows.empty:
        return prices.reindex(columns=[*closes.columns, IN_NETWORK])
    return pd.concat([prices, rows], ignore_index=True)
