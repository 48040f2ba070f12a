"""What is known on a day: the stages that measures read, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from screener.gathering import InputData
from screener.provenance import fact_rows
from screener.run_config import RunConfig
from screener.screen import Valued, screen_on, value_dates
from screener.studies.mix import revenue_mix
from screener.universes.evidence_class import in_order
from valuation.claims.claimed import Claimed
from valuation.contracts import book
from valuation.contracts.book import MINERS, ContractBook
from valuation.indicators.power import Power, power
from valuation.mining import economics
from valuation.mining.economics import Mining
from valuation.revenue_mix.crossover import RevenueMix
from valuation.screen import Screen

SHOWN = ["item", "published_on", "source", "source_url"]


@dataclass(frozen=True)
class Claim:
    """One row of a file of claims, read.

    Attributes
    ----------
    said_on : Timestamp
    subject : str
        A ticker, or sector, leaders, network.
    statement, measure, unit : str
    claimed : Claimed
    """

    said_on: pd.Timestamp
    subject: str
    statement: str
    measure: str
    unit: str
    claimed: Claimed


@dataclass
class Known:
    """Everything known on one day.

    Attributes
    ----------
    config : RunConfig
    data : InputData
    day : Timestamp
    until : Timestamp
        The as-of date of the run: nothing later is known to anybody.
    days : dict
        The days asked for so far, shared by all of them.
    """

    config: RunConfig
    data: InputData
    day: pd.Timestamp
    until: pd.Timestamp
    days: dict[pd.Timestamp, Known] = field(default_factory=dict, repr=False)

    def on(self, day: pd.Timestamp) -> Known:
        """The same on another day, made once."""
        if day not in self.days:
            self.days[day] = Known(self.config, self.data, day, self.until, self.days)
        return self.days[day]

    @cached_property
    def valued(self) -> Valued:
        """Every company valued on the day."""
        return value_dates(self.config, self.data, self.day)

    @cached_property
    def screen(self) -> Screen:
        """The screen of the day."""
        return screen_on(self.config, self.data, self.valued, self.day)

    @cached_property
    def book(self) -> ContractBook:
        """The contracts in force."""
        return book.build(self.valued.inputs, self.valued.valuation, self.config.assumptions, self.data.sites)

    @cached_property
    def mining(self) -> Mining:
        """Mining economics of the day."""
        return economics.economics(self.valued.inputs, self.config.assumptions)

    @cached_property
    def power(self) -> Power:
        """Secured power by use."""
        return power(self.valued.inputs, self.valued.valuation, self.book, self.config.assumptions)

    @cached_property
    def mix(self) -> RevenueMix:
        """The revenue mix."""
        return revenue_mix(self.config, self.data, self.day, valued=self.valued)

    @property
    def miners(self) -> pd.Index:
        """Tickers of the miners of the statistics."""
        return self.screen.table.index[self.screen.table["excluded"] == ""]

    @property
    def signed(self) -> pd.DataFrame:
        """AI contracts of the miners."""
        return self.book.contracts[self.book.contracts["scope"] == MINERS]

    def facts(self, tickers: Sequence[str] | pd.Index, *items: str) -> pd.DataFrame:
        """The facts behind a figure, of some companies; all items where none is named."""
        rows = self.screen.facts[self.screen.facts["ticker"].isin(list(tickers))]
        if items:
            # A transaction that moved an item goes by its name and a colon.
            rows = rows[rows["item"].str.split(":").str[0].isin(items)]
        return named(rows)

    def contract_facts(self, contract_ids: Sequence[str] | pd.Series) -> pd.DataFrame:
        """The rows of contracts.csv behind a figure."""
        items = [f"contract: {name}" for name in contract_ids]
        return named(self.screen.facts[self.screen.facts["item"].isin(items)])

    def revenue_facts(self, ticker: str, period_end: pd.Timestamp) -> pd.DataFrame:
        """The revenue lines of one quarter of a company, published by the day."""
        facts = self.data.facts
        mine = (facts["ticker"] == ticker) & (facts["period_end"] == period_end) & (facts["published_on"] <= self.day)
        return filed(facts[mine & facts["item"].astype(str).str.startswith("revenue_")])

    def latest(self, ticker: str, item: str) -> pd.DataFrame:
        """The fact in force of an item, one row or none; for items that valuation does not read."""
        facts = self.data.facts
        rows = facts[(facts["ticker"] == ticker) & (facts["item"] == item) & (facts["published_on"] <= self.day)]
        return in_order(rows).tail(1)


def named(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts as sources: the ticker in front of the item."""
    return facts.assign(item=facts["ticker"].astype(object) + " " + facts["item"].astype(object))[SHOWN]


def filed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the universe's facts as sources."""
    return named(fact_rows(rows))


def placed(rows: pd.DataFrame, item: pd.Series | str, published_on: str, url: str = "") -> pd.DataFrame:
    """Rows of another file as sources: file and line, and its column with the address where it has one."""
    place = rows["file"].astype(object) + ":" + rows["line"].fillna(0).astype(int).astype(str)
    return pd.DataFrame(
        {
            "item": item,
            "published_on": rows[published_on],
            "source": place,
            "source_url": rows[url].astype(object) if url else "",
        },
        index=rows.index,
    )[SHOWN]
