"""The registry of measures: what a claim may be about, how it is measured, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from screener.errors import NotKnown, did_you_mean
from screener.studies.claims import company, sector
from screener.studies.claims.known import Claim, Known
from valuation.claims.verdict import Measured
from valuation.metrics import METRICS

DATE = r"\d{4}-\d{2}-\d{2}"
TICKER, ANY = "a ticker", "a ticker or sector"


@dataclass(frozen=True)
class Measure:
    """One thing that claims are about.

    Attributes
    ----------
    name : str
        As it stands in claims.csv; DATE in it stands for a day.
    units : tuple of str
        Of a claim; the first is usual.
    subject : str
        Whom it can be about.
    about : str
        How it is measured, in a sentence or two.
    compute : callable
        From what is known on a day and the claim.
    """

    name: str
    units: tuple[str, ...]
    subject: str
    about: str
    compute: Callable[[Known, Claim], Measured]

    @property
    def wants_ticker(self) -> bool:
        """Whether it is of one company alone."""
        return self.subject == TICKER

    def fits(self, text: str) -> bool:
        """Whether a claim's measure is this one."""
        return re.fullmatch(re.escape(self.name).replace("DATE", DATE), text) is not None


_PERCENT = ("percent",)
_CONTRACT = (
    "The company's AI contracts announced by the day of the claim with the counterparty that the statement names, all of "
    "them where it names none; at 100%, as announced"
)
_SEVERAL = (
    "For the sector (some miners) the claim is held against the one miner whose share is nearest to it, or farthest on the "
    "claimed side of a bound: it holds where it holds for at least one."
)
_LAST_QUARTER = (
    "over recurring revenue of the last quarter ended by the day with mining and AI revenue both, as known on the as-of "
    "date, of companies that have mined."
)
_MEASURES = (
    Measure(
        "gap_per_secured_mw", ("ratio",), "sector",
        "The headline gap: EV net of bitcoin per secured MW, AI group over mining group, with its confidence interval.",
        sector.gap,
    ),
    Measure(
        "gap_per_secured_mw trend after DATE", ("per year",), "sector",
        "Growth of the weekly gap a year by its linear trend since that day, with its range excluding any single company.",
        sector.gap_trend,
    ),
    Measure(
        "signed value of miners", ("usd",), "sector",
        "Announced value of the AI contracts in force, owner's share, miners whose enterprise value is meaningful.",
        sector.signed_value,
    ),
    Measure("bitcoin share of revenue", _PERCENT, ANY, f"Mining revenue {_LAST_QUARTER} {_SEVERAL}", sector.bitcoin_share),
    Measure("AI share of revenue", _PERCENT, ANY, f"AI revenue {_LAST_QUARTER} {_SEVERAL}", sector.ai_share),
    Measure(
        "quarter of crossover", ("quarter",), "a ticker, leaders or sector",
        "First quarter in which AI revenue exceeds mining revenue: reported, else projected from signed contracts at the "
        "day's hashprice. Leaders: the median of the five miners with most contracted AI revenue that have a quarter. "
        "Sector: the median of all.", sector.crossover,
    ),
    Measure(
        "GPU cloud revenue per MW over mining revenue per MW", ("ratio",), "sector",
        "Median GPU cloud contract's revenue a year per critical IT MW, before the GPUs are paid, over the median fleet's "
        "mining revenue per MW at the day's hashprice.", sector.cloud_over_mining,
    ),
    Measure(
        "lease revenue per MW over mining revenue per MW", ("ratio",), "sector",
        "Median lease's rent a year per critical IT MW over the median fleet's mining revenue per MW at the day's "
        "hashprice.",
        sector.lease_over_mining,
    ),
    Measure(
        "hashprice of stayers", ("change",), "network",
        "Change, since the claim was made, of the bitcoin that a PH/s earns a day (hashprice without the bitcoin price), "
        "means of four weeks. It rises when hashrate leaves and difficulty adjusts.", sector.stayers,
    ),
    Measure(
        "share of contracted MW by state", ("share", "percent"), "sector",
        "Share of the miners' contracted critical IT MW in the state that the statement names, the largest one where it "
        "names none; the range is over contracts whose state is not known. Without a claimed figure: whether that state is "
        "the largest of those known, and whether its share and that of the United States have risen since the claim "
        "wherever the contracts without a known state are.", sector.state_share,
    ),
    Measure("total value", ("usd",), TICKER, f"{_CONTRACT}: sum of total values.", company.total_value),
    Measure(
        "annual revenue", ("usd",), TICKER,
        f"{_CONTRACT}: sum of annual revenues, total value over the term where none is announced.", company.annual_revenue,
    ),
    Measure("critical IT MW", ("mw",), TICKER, f"{_CONTRACT}: sum of critical IT MW.", company.critical_it),
    Measure(
        "EBITDA margin", _PERCENT, TICKER,
        f"{_CONTRACT}: NOI margin of leases, EBITDA margin of GPU cloud, weighted by revenue; the assumed margin, marked, "
        "where none is stated.", company.margin,
    ),
    Measure("prepayment", _PERCENT, TICKER, f"{_CONTRACT}: prepaid part, weighted by value.", company.prepayment),
    Measure(
        "close", ("usd",), TICKER,
        "Lowest and highest weekly close, as traded, in the month of the day, as far as it is known on the as-of date.",
        company.close,
    ),
    Measure("gpus", ("gpus",), TICKER, "GPUs installed, the latest figure published by then.", company.gpus),
    Measure("secured MW", ("mw",), TICKER, "Secured gross MW at the owner's share.", company.metric_of("secured_mw")),
    Measure("operating MW", ("mw",), TICKER, "Energised gross MW.", company.metric_of("operating_mw")),
    Measure(
        "mining MW operating", ("mw",), TICKER, "Energised gross MW less AI in service: own mining and hosting of miners.",
        company.mining_mw,
    ),
    Measure(
        "raise", ("usd",), TICKER,
        "The financing nearest to the claimed amount among those of the year before the claim: debt or equity, gross.",
        company.raised,
    ),
    Measure("btc_held", ("btc",), TICKER, "Bitcoin held, pledged included.", company.btc_held),
)  # fmt: skip
MEASURES = {one.name: one for one in _MEASURES}


def find(text: str) -> Measure:
    """The measure of a claim: one of `MEASURES`, or a metric of the registry for one company.

    Raises
    ------
    NotKnown
        There is none; the message names the nearest.
    """
    for one in MEASURES.values():
        if one.fits(text):
            return one
    known = METRICS.get(text)
    if known is not None and known.unit != "text":
        return Measure(text, (known.unit,), TICKER, known.definition, company.metric_of(text))
    raise NotKnown(f"no measure {text!r}{did_you_mean(text, [*MEASURES, *METRICS])}")
