"""The charts of the results: each built once from the figures of its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from exports.commentary.labels import GROUP_TITLES
from exports.tables.charts import Axis, ChartSpec, Role, Series
from exports.tables.formats import multiple, p_value, per_mw, percent, several
from valuation.gap.history import GapHistory
from valuation.groups import BITCOIN, PIVOT
from valuation.indicators.power import USES
from valuation.indicators.result import Indicators
from valuation.nav.analysis import NavAnalysis
from valuation.nav.findings import not_comparable
from valuation.regression.band import confidence_band
from valuation.signing import MEASURES, SigningStudy

FACTS = "company filings and weekly closes, as the screen used them"
Parts = Sequence[tuple[str, str, Role]]  # column, name of the line, what it stands for
TIME = Axis("", scale="time")
GROUPS: Parts = ((PIVOT, GROUP_TITLES[PIVOT], "ai"), (BITCOIN, GROUP_TITLES[BITCOIN], "mining"))
MW_PER_GW = 1000.0


def scatter(
    table: pd.DataFrame, sample: pd.DataFrame | None, level: float, as_of: pd.Timestamp, p: float | None = None
) -> ChartSpec:
    """EV per secured MW against contracted AI share, companies by name, with the regression line and its band.

    Parameters
    ----------
    table : DataFrame
        By ticker: ev_per_mw_secured, ai_share_contracted, group.
    sample : DataFrame or None
        Of the regression; None where there is no line, and then the companies of `table` with both figures.
    level : float
        Of the band.
    """
    inside = table.index[
        (table["ev_per_mw_secured"] > 0) & table["ai_share_contracted"].notna() & (table["excluded"] == "")
    ]
    rows = table.loc[inside if sample is None else sample.index.intersection(table.index)]
    series: list[Series] = []
    line = "There is no regression line on this date."
    if sample is not None:
        band = confidence_band(sample, level)
        share = [100 * v for v in band["share"]]
        series += [
            Series(f"{level:.0%} confidence band of the line", "band", "line", share, (), list(band["low"]),
                   list(band["high"])),
            Series("", "line", "line", share, list(band["fitted"])),
        ]  # fmt: skip
        ends = band["fitted"].iloc[[0, -1]].tolist()
        line = (
            f"The regression line goes from {per_mw(ends[0])} at {percent(band['share'].iloc[0])} to {per_mw(ends[1])} per "
            f"MW at {percent(band['share'].iloc[-1])} (n = {len(sample)}{'' if p is None else f', {p_value(p)}'})."
        )
    for group, name, role in GROUPS:
        own = rows[rows["group"] == group]
        if len(own):
            series.append(
                Series(name, "points", role, [100 * v for v in own["ai_share_contracted"]],
                       list(own["ev_per_mw_secured"]), labels=list(map(str, own.index)))
            )  # fmt: skip
    text = f"{several(len(rows), 'company', 'companies')} by contracted AI share and EV per secured MW. {line}"
    return ChartSpec(
        "line", "EV per secured MW against contracted AI share",
        Axis("Contracted AI share of revenue (%)", "count"),
        Axis("EV per secured MW ($m, log scale)", "m_usd_per_mw_fine", "log"), series, text, FACTS, as_of,
    )  # fmt: skip


def gap_through_time(history: GapHistory) -> ChartSpec:
    """The gap week by week with the interval of each week, and the companies present throughout."""
    frame, known = history.frame, history.measured
    weeks = list(frame.index)
    stayed = history.throughout.frame["ratio"].reindex(frame.index)
    text = "No week has three companies in each group."
    if len(known):
        first, last = known["ratio"].iloc[[0, -1]].tolist()
        text = (
            f"{several(len(known), 'week')} measured. The typical ratio goes from {multiple(first)} on "
            f"{known.index[0]:%Y-%m-%d} to {multiple(last)} on {known.index[-1]:%Y-%m-%d}; lowest "
            f"{multiple(known['ratio'].min())}, highest {multiple(known['ratio'].max())}."
        )
    return gap_chart(
        weeks, list(frame["ratio"]), list(frame["low"]), list(frame["high"]), text, frame.index[-1],
        level=history.level, stayed=[] if stayed.isna().all() else list(stayed),
    )  # fmt: skip


def gap_chart(
    weeks: Sequence[pd.Timestamp], ratio: Sequence[float], low: Sequence[float], high: Sequence[float], text: str,
    as_of: pd.Timestamp, *, level: float, stayed: Sequence[float] = (),
) -> ChartSpec:  # fmt: skip
    """A gap through time: ratio, interval of each week, and the ratio among the companies present throughout."""
    series = [
        Series(f"{level:.0%} confidence interval of each week", "band", "ai", weeks, (), low, high),
        Series("All companies", "line", "ai", weeks, ratio),
    ]
    if stayed:
        series.append(Series("Present throughout", "line", "other", weeks, stayed))
    return ChartSpec(
        "gap-history", "Gap by week: AI group over mining group, EV per secured MW", TIME,
        Axis("Typical ratio (log scale; 1x = no gap)", "multiple", "log", 1.0), series, text, FACTS, as_of,
    )  # fmt: skip


def indicator(result: Indicators, name: str) -> ChartSpec:
    """The chart of one indicator, of `indicators.result.TITLES`."""
    return {"revenue-mix": _revenue, "contracts": _signed, "power": _power, "price-divergence": _prices}[name](result)


def _revenue(result: Indicators) -> ChartSpec:
    frame = result.revenue_mix
    parts: Parts = (("bitcoin_share", "Bitcoin", "mining"), ("ai_share", "AI", "ai"), ("other_share", "Other", "other"))
    text = _ends(frame, parts, percent)
    return ChartSpec(
        "revenue-mix", "Shares of recurring revenue by week", TIME, Axis("Share of recurring revenue (%)", "fraction"),
        _lines(frame, parts), text, "quarterly reports, latest known in each week", result.as_of,
    )  # fmt: skip


def _signed(result: Indicators) -> ChartSpec:
    frame = result.contracts.sector.assign(
        gw=lambda f: f["it_mw"] / MW_PER_GW, live=lambda f: f["in_service_mw"] / MW_PER_GW
    )
    parts: Parts = (("it_mw", "Signed", "ai"), ("in_service_mw", "In service", "other"))
    text = _ends(frame, parts, _gw)
    return ChartSpec(
        "contracts", "Signed AI contracts: critical IT power by week", TIME,
        Axis("Critical IT power (GW, owner's share)", "number_fine"), _lines(frame, parts), text,
        "announced contracts in force in each week", result.as_of,
    )  # fmt: skip


def _power(result: Indicators) -> ChartSpec:
    frame = result.power.sector[["secured_mw", *USES]] / MW_PER_GW
    roles: dict[str, Role] = {
        "ai_in_service_mw": "ai",
        "ai_leased_mw": "third",
        "mining_mw": "mining",
        "unused_mw": "other",
    }
    titles = {"ai_in_service_mw": "AI in service", "ai_leased_mw": "AI leased", "mining_mw": "Mining",
              "unused_mw": "Without a use"}  # fmt: skip
    parts: list[tuple[str, str, Role]] = [
        ("secured_mw", "Secured", "line"),
        *((name, titles[name], role) for name, role in roles.items()),
    ]
    counts = result.power.sector["companies"]
    text = (
        f"Over {several(int(counts.iloc[0]), 'company', 'companies')} in the first week and {counts.iloc[-1]:.0f} in the "
        f"last. {_ends(frame, parts, _gw)}"
    )
    return ChartSpec(
        "power", "Secured power by use, by week", TIME, Axis("Gross power (GW, owner's share)", "number_fine"),
        _lines(frame, parts), text, "company filings, latest known in each week", result.as_of,
    )  # fmt: skip


def _prices(result: Indicators) -> ChartSpec:
    frame = result.price_divergence.frame
    parts: Parts = (
        ("ai_equal", GROUP_TITLES[PIVOT], "ai"),
        ("mining_equal", GROUP_TITLES[BITCOIN], "mining"),
        ("bitcoin", "Bitcoin", "line"),
    )
    text = _ends(frame, parts, lambda v: f"{v:.0f}")
    return ChartSpec(
        "price-divergence", "Price indices, equal weights, rebalanced weekly", TIME,
        Axis("Index (log scale; first week = 100)", "number_fine", "log"),
        _lines(frame, [part for part in parts if part[0] in frame]), text, "weekly closes", result.as_of,
    )  # fmt: skip


def signing(study: SigningStudy) -> ChartSpec:
    """Price and EV per secured MW around first AI contracts, over companies that had not signed, with intervals."""
    roles: dict[str, Role] = {"price": "ai", "ev_per_mw": "mining"}
    series, told = [], []
    for name, role in roles.items():
        rows = study.weeks.loc[name]
        weeks = [float(week) for week in rows.index]
        series += [
            Series(f"{MEASURES[name]}: {study.level:.0%} interval", "band", role, weeks, (), list(rows["low"]),
                   list(rows["high"])),
            Series(MEASURES[name], "line", role, weeks, list(rows["ratio"])),
        ]  # fmt: skip
        row = rows.loc[0]
        told.append(
            f"{MEASURES[name]} in the week of the contract: {multiple(row['ratio'])} of the week before "
            f"({p_value(row['p'])})"
        )
    return ChartSpec(
        "signing", "Around first AI contracts, relative to companies not yet signed",
        Axis("Weeks from the announcement", "count"),
        Axis("Ratio to the week before (log scale)", "multiple_fine", "log", 1.0),
        series, f"{'. '.join(told)}.", f"weekly closes and filings; {len(study.used)} first contracts", study.as_of,
    )  # fmt: skip


def nav_ranges(nav: NavAnalysis) -> ChartSpec:
    """Net asset value per share over the share price, company by company: draws, DCF and execution floor."""
    rows = nav.nav.table.droplevel("as_of").join(nav.simulation.table[["p5", "p95"]])
    state = nav.nav.status.droplevel("as_of")["nav_dcf_usd"]
    outside = nav.book.excluded.droplevel("as_of").astype(bool) | not_comparable(nav.nav).astype(bool)
    known = rows["nav_dcf_per_share"].notna() & state.ne("not_meaningful") & (rows["price_usd"] > 0)
    rows = rows[known & ~outside.reindex(rows.index, fill_value=False)]
    over = rows[["floor_per_share", "nav_dcf_per_share", "p5", "p95"]].div(rows["price_usd"], axis=0)
    over = over.sort_values("nav_dcf_per_share", ascending=False, kind="stable")
    names = list(map(str, over.index))
    series = [
        Series("NAV by DCF: 5% to 95% of draws", "ranges", "ai", names, (), list(over["p5"]), list(over["p95"])),
        Series("NAV by DCF", "points", "ai", names, list(over["nav_dcf_per_share"])),
        Series("Execution floor", "points", "mining", names, list(over["floor_per_share"])),
    ]
    above = int((over["nav_dcf_per_share"] > 1).sum())
    of = several(len(over), "company", "companies")
    text = f"{above} of {of} in the statistics have a NAV by DCF above the share price."
    return ChartSpec(
        "nav", "Net asset value per share over the share price", Axis("", scale="names"),
        Axis("NAV per share / share price (1x = the price)", "multiple", reference=1.0), series, text,
        f"contracts, filings and assumptions; {nav.simulation.draws:,} draws, seed {nav.simulation.seed}", nav.as_of,
    )  # fmt: skip


def company_history(name: str, weekly: pd.Series, as_of: pd.Timestamp, ticker: str) -> ChartSpec:
    """A company's EV per secured MW week by week."""
    known = weekly.dropna()
    text = "EV per secured MW is not known in any week."
    if len(known):
        text = (
            f"EV per secured MW of {ticker} goes from {per_mw(known.iloc[0])} on {known.index[0]:%Y-%m-%d} to "
            f"{per_mw(known.iloc[-1])} on {known.index[-1]:%Y-%m-%d}; lowest {per_mw(known.min())}, highest "
            f"{per_mw(known.max())}."
        )
    return ChartSpec(
        f"history-{name}", f"{ticker}: EV per secured MW by week", TIME, Axis("EV per secured MW ($m)", "m_usd_per_mw_fine"),
        (Series(ticker, "line", "ai", list(weekly.index), list(weekly)),), text, FACTS, as_of,
    )  # fmt: skip


def _gw(value: float) -> str:
    return f"{value:.1f} GW"


def _lines(frame: pd.DataFrame, parts: Parts) -> list[Series]:
    weeks = list(frame.index)
    return [Series(title, "line", role, weeks, frame[name].astype(float).tolist()) for name, title, role in parts]


def _ends(frame: pd.DataFrame, parts: Parts, words: Callable[[float], str]) -> str:
    """Each line's first and last known value in a sentence."""
    told = []
    for name, title, _ in parts:
        known = frame[name].dropna() if name in frame else pd.Series(dtype=float)
        if len(known):
            first, last = known.index[0], known.index[-1]
            told.append(
                f"{title}: {words(known.iloc[0])} on {first:%Y-%m-%d}, {words(known.iloc[-1])} on {last:%Y-%m-%d}"
            )
    return f"{'; '.join(told)}." if told else "No figure is known."
