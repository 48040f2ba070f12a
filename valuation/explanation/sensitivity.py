"""What a figure would be with one input 10% higher, each computed by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from valuation.contracts.consolidation import parents
from valuation.contracts.phases import BOOK
from valuation.fundamentals.company_metrics import value
from valuation.inputs import LISTS, Inputs
from valuation.metrics import METRICS
from valuation.screen import Screen

STEP = 0.10
QUARTER_COLUMNS = {
    "revenue_total": "total_usd", "revenue_mining": "mining_usd", "revenue_ai_hpc": "ai_hpc_usd",
    "revenue_ai_hpc_one_off": "ai_hpc_one_off_usd", "revenue_hosting": "hosting_usd", "revenue_other": "other_usd",
    "sga_cash": "sga_cash_usd",
}  # fmt: skip
# Frame of `Inputs` and its columns.
LEAVES_OF_LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "contract values": ("contracts", ("total_value_usd", "annual_revenue_usd")),
    "contract MW": ("contracts", ("critical_it_mw", "gross_mw")),
    "instruments": ("instruments", ("principal_usd", "quantity")),
    "estimates": ("estimates", ("value",)),
    "phases": ("phases", ("critical_it_mw",)),
}
MARKET = {"btc_usd": "btc_usd", "network": "network_eh_per_s"}
# Inputs of a metric that are not one figure to be raised: they are inside the items that they roll forward.
NOT_RAISED = ("transactions", "splits")


def leaves(metric: str) -> list[str]:
    """The items and lists that a metric rests on, through the inputs that the registry declares; each once."""
    found: dict[str, None] = {}
    seen: set[str] = set()

    def walk(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        if name in METRICS:
            for one in METRICS[name].inputs:
                walk(one)
        elif name not in NOT_RAISED:
            found.update(dict.fromkeys(("contract values", "contract MW") if name == "contracts" else (name,)))

    walk(metric)
    return list(found)


def raised(inputs: Inputs, ticker: str, leaf: str) -> Inputs | None:
    """The inputs with one item of a company (or the price of bitcoin) 10% higher; None where there is nothing to raise."""
    item = "price_usd" if leaf in ("prices", "subsidiary_price") else leaf
    if leaf in MARKET:
        column = MARKET[leaf]
        return replace(inputs, market=_scaled(inputs.market, pd.Series(True, index=inputs.market.index), [column]))
    if item in inputs.items:
        whose = holders(inputs.companies, ticker)[1:] if leaf == "subsidiary_price" else [ticker]
        rows = inputs.items.index.get_level_values("ticker").isin(whose)
        return _changed(inputs, "items", pd.Series(rows, index=inputs.items.index), [item])
    of_list = LEAVES_OF_LISTS | {name: ("quarters", (column,)) for name, column in QUARTER_COLUMNS.items()}
    if leaf not in of_list:
        return None
    name, columns = of_list[leaf]
    frame: pd.DataFrame = getattr(inputs, name)
    if name == "phases":
        return _changed(inputs, name, frame["contract_id"].isin(phased(inputs, ticker)), columns)
    whose = holders(inputs.companies, ticker) if name == "contracts" else [ticker]
    return _changed(inputs, name, frame["ticker"].isin(whose), columns)


def holders(companies: pd.DataFrame, ticker: str) -> list[str]:
    """A company and the listed subsidiaries that it consolidates."""
    return [ticker, *(child for child, parent in parents(companies).items() if parent == ticker)]


def phased(inputs: Inputs, ticker: str) -> list[str]:
    """What the phases of a company's contracts are filed under: each contract, and a book of several."""
    held = inputs.contracts[inputs.contracts["ticker"].isin(holders(inputs.companies, ticker))]
    ids = list(dict.fromkeys(held["contract_id"].astype(str)))
    named = inputs.phases["contract_id"].astype(str)
    books = [
        one
        for one in named.unique()
        if one.endswith(BOOK) and any(x.startswith(one.removesuffix(BOOK) + "-") for x in ids)
    ]
    return [*ids, *books]


def _changed(inputs: Inputs, name: str, rows: pd.Series, columns: Sequence[str]) -> Inputs | None:
    frame: pd.DataFrame = getattr(inputs, name)
    known = frame.loc[rows.to_numpy(), list(columns)]
    if not (known.notna() & known.ne(0)).any().any():
        return None
    return replace(inputs, **{name: _scaled(frame, rows, columns)})


def _scaled(frame: pd.DataFrame, rows: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    out = frame.copy()
    out[list(columns)] = out[list(columns)].astype(float)
    out.loc[rows.to_numpy(), list(columns)] *= 1 + STEP
    return out


def sensitivities(screen: Screen, inputs: Inputs, ticker: str, metric: str) -> pd.Series:
    """The figure with each of its inputs 10% higher, by input; inputs that are not known or zero are left out.

    Parameters
    ----------
    inputs : Inputs
        Of the screen's date.
    """
    cases = {leaf: case for leaf in leaves(metric) if (case := raised(inputs, ticker, leaf)) is not None}
    if not cases:
        return pd.Series(dtype=float)
    valued = value(_side_by_side(list(cases.values())), screen.assumptions, screen.switches, screen.rule)
    figures = valued.table.xs(ticker, level="ticker")[metric]
    return pd.Series(figures.to_numpy(dtype=float), index=list(cases))


def _side_by_side(cases: Sequence[Inputs]) -> Inputs:
    """Cases of one date as dates a nanosecond apart: valued in one pass, and every age in days stays what it is."""
    frames = {}
    for name in ("items", "periods", "stale", "critical_it"):
        frames[name] = pd.concat([_later(getattr(case, name), k) for k, case in enumerate(cases)])
    for name in (*LISTS, "market"):
        frames[name] = pd.concat([_later(getattr(case, name), k) for k, case in enumerate(cases)])
        if name != "market":
            frames[name] = frames[name].reset_index(drop=True)
    return replace(cases[0], **frames)


def _later(frame: pd.DataFrame, k: int) -> pd.DataFrame:
    shift: Callable[[pd.DatetimeIndex], pd.DatetimeIndex] = lambda days: days.as_unit("ns") + pd.Timedelta(k, "ns")  # noqa: E731
    if isinstance(frame.index, pd.MultiIndex):
        days = shift(pd.DatetimeIndex(frame.index.get_level_values("as_of")))
        index = pd.MultiIndex.from_arrays([days, frame.index.get_level_values("ticker")], names=frame.index.names)
        return frame.set_axis(index)
    if "as_of" in frame:
        return frame.assign(as_of=shift(pd.DatetimeIndex(frame["as_of"])))
    return frame.set_axis(shift(pd.DatetimeIndex(frame.index)).rename(frame.index.name))
