"""The indicators together: what they rest on, and what they say in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.contracts.book import ContractBook
from valuation.findings import Finding, texts
from valuation.fundamentals.company_metrics import Valuation
from valuation.indicators import findings
from valuation.indicators.divergence import Divergence, divergence
from valuation.indicators.hashrate import hashrate
from valuation.indicators.power import Power, power
from valuation.indicators.revenue import revenue_shares
from valuation.indicators.signed import Signed, signed
from valuation.inputs import Inputs
from valuation.mining.economics import Mining

# By the name that the command line takes.
TITLES = {
    "revenue-mix": "Revenue mix",
    "contracts": "Signed AI contracts",
    "power": "Power by use",
    "price-divergence": "Price divergence",
}


@dataclass(frozen=True, repr=False)
class Indicators(ResultMixin):
    """The indicators on each date, with what was known on it.

    Attributes
    ----------
    as_of : Timestamp
        The last date.
    since : Timestamp
        The first.
    revenue_mix : DataFrame
        `revenue.revenue_shares`.
    contracts : Signed
    power : Power
    price_divergence : Divergence
    hashrate : DataFrame
        `hashrate.hashrate`.
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    revenue_mix: pd.DataFrame
    contracts: Signed
    power: Power
    price_divergence: Divergence
    hashrate: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The main figures of all, a row a date."""
        parts = {
            "bitcoin_share": self.revenue_mix["bitcoin_share"], "ai_share": self.revenue_mix["ai_share"],
            "contracts": self.contracts.sector["contracts"], "value_usd": self.contracts.sector["value_usd"],
            "ai_in_service_mw": self.power.sector["ai_in_service_mw"], "secured_mw": self.power.sector["secured_mw"],
            "ratio_equal": self.price_divergence.frame["ratio_equal"], "hashrate_share": self.hashrate["share"],
        }  # fmt: skip
        return pd.DataFrame(parts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What each indicator says on the last date, and what it does not."""
        return tuple(one for name in TITLES for one in self.findings_of(name))

    def findings_of(self, name: str) -> tuple[Finding, ...]:
        """The findings of one of `TITLES`."""
        if name == "revenue-mix":
            return findings.of_revenue(self.revenue_mix)
        if name == "contracts":
            return findings.of_contracts(self.contracts)
        if name == "power":
            return (*findings.of_power(self.power), *findings.of_hashrate(self.hashrate))
        return findings.of_prices(self.price_divergence)

    def _summary(self) -> Summary:
        quarterly = self.frame.groupby(self.frame.index.to_period("Q")).tail(1)
        table = small(quarterly, "Last week of each quarter", rows=16)
        return Summary("Indicators by week", tables=(table,), notes=tuple(texts(self.findings)))


def measure(
    inputs: Inputs,
    valuation: Valuation,
    book: ContractBook,
    mining: Mining,
    splits: pd.DataFrame,
    assumptions: Assumptions,
) -> Indicators:
    """Every indicator on every date of `inputs`, ascending.

    Parameters
    ----------
    inputs, valuation, book, mining
        Of the same dates.
    splits : DataFrame
        ticker, first_day_on_new_basis, shares_multiplier.
    assumptions : Assumptions
    """
    dates = pd.DatetimeIndex(inputs.market.index)
    inside = (book.excluded == "").groupby(level="ticker").any()
    miners = inside.index[inside]
    return Indicators(
        as_of=dates[-1],
        since=dates[0],
        revenue_mix=revenue_shares(inputs.quarters, dates, miners),
        contracts=signed(book),
        power=power(inputs, valuation, book, assumptions),
        price_divergence=divergence(inputs, valuation, splits),
        hashrate=hashrate(inputs, mining, book.excluded),
    )
