"""The pages of a site made from the history: a week, a company through time, the indicators, and the feed of weeks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pandas as pd

from exports.commentary.labels import GROUPS, plain
from exports.html.render import Section, Trail, document
from exports.html.report import glossary_section
from exports.html.text import escape
from exports.tables.changes import changes_page, in_words
from exports.tables.charts import Axis, ChartSpec, Series
from exports.tables.evidence import sources_page
from exports.tables.formats import day, figure, interval, multiple, p_value, per_mw, percent, price, texts
from exports.tables.indicators import indicators_page
from exports.tables.plots import FACTS, TIME, company_history, gap_chart, scatter
from exports.tables.snapshot import snapshot_page
from exports.tables.spec import Block, Brief, Column, Links, Page, TableSpec, Text, note
from valuation.comparison.changes import Changes, Snapshot
from valuation.freshness import current_data
from valuation.indicators.result import Indicators
from valuation.metrics import METRICS
from valuation.status import USABLE

HISTORY = (
    "price_usd",
    "enterprise_value_usd",
    "secured_mw",
    "ev_per_mw_secured",
    "ai_share_contracted",
    "premium_to_line",
)
FEED = "feed.xml"
ENTRIES = 52  # weeks in the feed
MOVES_SHOWN = 3  # of a week, in its brief


@dataclass(frozen=True)
class Week:
    """A week of the history with what its page shows.

    Attributes
    ----------
    line : (sample, level, p) or None
        The regression as it was stored.
    changes : Changes or None
        Since the week before.
    recorded_at : datetime
        Aware.
    """

    snapshot: Snapshot
    line: tuple[pd.DataFrame, float, float] | None
    changes: Changes | None
    recorded_at: datetime

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.snapshot.as_of:%Y-%m-%d}"


def week_page(week: Week) -> str:
    """The page of a week: it links back in time alone, so it stays as it is when later weeks come."""
    links = [("All weeks", "../index.html")]
    if week.changes is not None:
        links.append(("Previous week", f"{week.changes.before.as_of:%Y-%m-%d}.html"))
    return document(_week_sections(week, "../"), Trail([*links, ("Glossary", "../glossary.html")], f"../{FEED}"))


def index_page(week: Week, runs: pd.DataFrame, weeks: Sequence[str], level: float, *, indicators: bool) -> str:
    """The first page: this week's, the gap through time, and links to every week, company and file.

    Parameters
    ----------
    runs : DataFrame
        By as_of: ratio, low, high.
    weeks : sequence of str
        Names of the pages of weeks, the latest last.
    """
    sections = _week_sections(week, "")
    known = runs[runs["ratio"].notna()]
    text = "No stored week has an estimate of the gap."
    if len(known):
        last = known.iloc[-1]
        text = (
            f"{len(known)} of {len(runs)} stored weeks have an estimate. The latest, {known.index[-1]:%Y-%m-%d}: "
            f"{multiple(last['ratio'])} ({interval(last['low'], last['high'])})."
        )
    drawn = gap_chart(
        list(runs.index), list(runs["ratio"]), list(runs["low"]), list(runs["high"]), text, runs.index[-1], level=level
    )
    links = [(name, f"weeks/{name}.html") for name in reversed(weeks)]
    files = [("Weeks as CSV", "data/weeks.csv"), ("Feed of weeks (Atom)", FEED)]
    more = [Section(Page("The gap through time", (drawn, Text(text))), "gap", "Gap through time")]
    more.append(Section(Page("Weeks", (Links("Pages by week", links), Links("Data", files))), "weeks", "Weeks"))
    trail = [("Indicators", "indicators.html")] if indicators else []
    return document([sections[0], *more, *sections[1:]], Trail([*trail, ("Glossary", "glossary.html")], FEED))


def _week_sections(week: Week, root: str) -> list[Section]:
    """Opening, chart, table, links to companies and files; changes; sources."""
    snapshot = week.snapshot
    page = snapshot_page(snapshot)
    sample, level, p = week.line or (None, 0.95, None)
    opening: list[Block] = [Brief(_brief(week)), scatter(snapshot.table, sample, level, snapshot.as_of, p)]
    companies = [
        (f"{ticker}, {snapshot.names[ticker]}", f"{root}{company_file(ticker)}") for ticker in snapshot.table.index
    ]
    files = [(f"{week.name}.{kind}", f"{root}data/weeks/{week.name}.{kind}") for kind in ("csv", "json")]
    blocks = (*opening, *page.blocks, Links("Companies through time", companies), Links("Data of this week", files))
    out = [Section(Page(f"{snapshot.title}, {day(snapshot.as_of)}", blocks), "week", level=1)]
    if week.changes is not None:
        out.append(Section(changes_page(week.changes), "changes", "What changed"))
    out.append(
        Section(sources_page(snapshot.facts, snapshot.contracts, snapshot.as_of), "sources", "Sources", folded=True)
    )
    return out


def _brief(week: Week) -> list[str]:
    """The gap with its interval and sizes, the premium with its p, the week, who is cheap or dear, and what is stale."""
    head = week.snapshot.headline
    sizes = f"n = {head['n_pivot']:.0f} + {head['n_bitcoin']:.0f}"
    lines, last = [], []
    if head["ratio"] is None:
        # What can be said stands before what cannot.
        companies = f"{head['n_pivot']:.0f} AI-group and {head['n_bitcoin']:.0f} mining companies"
        last = [f"Gap per secured MW between the groups: estimate not available with {companies}."]
    else:
        reach = "" if head["low"] is None else f", confidence interval {interval(head['low'], head['high'])}"
        lines = [f"Gap per secured MW, AI group over mining group: {multiple(head['ratio'])} ({sizes}{reach})."]
    if head["premium"] is not None:
        lines.append(
            f"EV per secured MW from 0% to 100% contracted AI share: {percent(head['premium'], signed=True)} "
            f"({p_value(head['premium_p'])}, n = {head['premium_n']:.0f}). Association, not cause."
        )
    lines += last
    if week.changes is None:
        lines.append("There is no earlier week to compare with.")
    else:
        told, settings = in_words(week.changes), len(week.changes.settings)
        # Settings that differ come first, then the headline, which stands above, then the largest moves.
        lines += [*told[:settings], *told[settings + 1 :][:MOVES_SHOWN]]
    return [*lines, *_cheapest_and_dearest(week.snapshot), _freshness(week.snapshot)]


def _cheapest_and_dearest(snapshot: Snapshot) -> list[str]:
    """Who is cheapest and who dearest against the line of the other companies; nothing where fewer than two are known."""
    inside = snapshot.ranks.notna() & snapshot.status["premium_to_line"].isin(USABLE)
    to_line = snapshot.table.loc[inside, "premium_to_line"].astype(float).dropna().sort_values(kind="stable")
    if len(to_line) < 2:
        return []
    (low, below), (high, above) = ((str(to_line.index[at]), percent(to_line.iloc[at], signed=True)) for at in (0, -1))
    text = (
        f"Against the line of the other companies {low} is the cheapest of {len(to_line)} ({below}) and {high} the dearest "
        f"({above}); a distance to the line is no sign of a mispricing."
    )
    return [snapshot.basis.sentence(text)]


def _freshness(snapshot: Snapshot) -> str:
    """The days of the closes, their source, and how many figures rest on stale data."""
    basis = snapshot.basis
    closes = f"The closes are of {basis.closes} (source: {snapshot.manifest['price_source']})."
    return f"{closes} {basis.stale_data}{current_data(basis)}".rstrip()


def company_file(ticker: str) -> str:
    """The address of a company's page from the site's root; a ticker is quoted, whatever it holds."""
    return f"companies/{file_name(ticker)}.html"


def file_name(ticker: str) -> str:
    """A ticker as a file's name on every system."""
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else f"_{ord(c):x}" for c in ticker).lstrip(".") or "_"
    )


def company_page(week: Week, ticker: str, history: pd.DataFrame) -> str:
    """A company through time: charts and table by month, every figure of the latest week, contracts and sources.

    Parameters
    ----------
    week : Week
        The latest that holds the company.
    history : DataFrame
        By as_of: the metrics of `HISTORY`.
    """
    snapshot = week.snapshot
    row, as_of = snapshot.table.loc[ticker], snapshot.as_of
    group = {"AI": "in the AI group", "mining": "in the mining group"}.get(
        GROUPS.get(row["group"], ""), "in neither group"
    )
    outside = f", outside the statistics ({row['excluded']})" if row["excluded"] else ""
    opening = (
        f"{snapshot.names[ticker]} is {group}{outside}. EV per secured MW: {per_mw(row['ev_per_mw_secured'])}; contracted "
        f"AI share: {percent(row['ai_share_contracted'])}; price: {price(row['price_usd'])}."
    )
    months = history.groupby(history.index.to_period("M")).tail(1).iloc[::-1]
    columns = (
        Column("as_of", "Month's last week", "date"), Column("price_usd", "Price", "usd_per_share"),
        Column("enterprise_value_usd", "EV", "usd_fine"), Column("secured_mw", "Secured", "mw"),
        Column("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw_fine"),
        Column("ai_share_contracted", "Contracted AI share", "fraction"),
        Column("premium_to_line", "Premium to the line", "change"),
    )  # fmt: skip
    blocks: list[Block] = [
        Brief([opening]),
        company_history("ev", history["ev_per_mw_secured"], as_of, ticker),
        _prices(ticker, history["price_usd"], as_of),
        TableSpec("history", months.rename_axis("as_of").reset_index(), columns, title="By month"),
        Links("Data", [(f"{ticker}.csv, every week", f"../data/companies/{file_name(ticker)}.csv")]),
    ]
    sections = [
        Section(Page(f"{snapshot.names[ticker]} ({ticker}), {day(as_of)}", blocks), "company", level=1),
        Section(Page("Every figure", (_figures(snapshot, ticker),)), "figures", "Every figure"),
        Section(_contracts(snapshot, ticker), "contracts", "Contracts"),
    ]
    facts = snapshot.facts[snapshot.facts["ticker"] == ticker]
    sections.append(Section(sources_page(facts, snapshot.contracts.iloc[:0], as_of), "sources", "Sources"))
    return document(sections, Trail([("All weeks", "../index.html"), ("Glossary", "../glossary.html")], f"../{FEED}"))


def _prices(ticker: str, weekly: pd.Series, as_of: pd.Timestamp) -> ChartSpec:
    known = weekly.dropna()
    text = "The price is not known in any week."
    if len(known):
        first, last = known.index[0], known.index[-1]
        text = f"From {price(known.iloc[0])} on {first:%Y-%m-%d} to {price(known.iloc[-1])} on {last:%Y-%m-%d}."
    series = (Series(ticker, "line", "mining", list(weekly.index), list(weekly)),)
    return ChartSpec(
        "price",
        f"{ticker}: share price by week, as screened",
        TIME,
        Axis("Price ($)", "usd_per_share"),
        series,
        text,
        FACTS,
        as_of,
    )


def _figures(snapshot: Snapshot, ticker: str) -> TableSpec:
    """Every metric with its status and cause."""
    row, status, causes = (frame.loc[ticker] for frame in (snapshot.table, snapshot.status, snapshot.causes))
    rows = [
        {
            "title": METRICS[name].title if name in METRICS else name,
            "figure": figure(row[name], METRICS[name].unit if name in METRICS else "number", str(status[name])),
            "status": plain(str(status[name])), "cause": plain(str(causes[name] or "")),
        }
        for name in snapshot.status.columns if isinstance(row[name], float)
    ]  # fmt: skip
    columns = (
        Column("title", "Figure"), Column("figure", "Value", "figures"), Column("status", "Status"),
        Column("cause", "Cause"),
    )  # fmt: skip
    about = "Units: EV and equity value in $bn, EV per MW in $m. Unknown is n/a, never zero."
    return TableSpec("figures", pd.DataFrame(rows), columns, notes=(about,))


def _contracts(snapshot: Snapshot, ticker: str) -> Page:
    rows = snapshot.contracts[snapshot.contracts["ticker"] == ticker]
    columns = (
        Column("contract_id", "Contract"), Column("counterparty", "Counterparty"), Column("kind", "Kind"),
        Column("announced_on", "Announced", "date"), Column("owned_it_mw", "Critical IT", "mw_critical_it"),
        Column("owned_value_usd", "Value", "usd_fine"), Column("owned_annual_revenue_usd", "Revenue a year", "usd_m"),
    )  # fmt: skip
    table = TableSpec("contracts", rows.reset_index(drop=True), columns, notes=("At the owner's share.",))
    return Page("Contracts in force", [table] if len(rows) else [note("No contract in force is listed on this date.")])


def indicators_document(found: Indicators) -> str:
    """The four indicators with their charts."""
    return document(
        [Section(indicators_page(found), "indicators", level=1)],
        Trail([("All weeks", "index.html"), ("Glossary", "glossary.html")], FEED),
    )


def glossary_document() -> str:
    """The terms of all pages."""
    return document([Section(glossary_section().page, "glossary", level=1)], Trail([("All weeks", "index.html")], FEED))


def week_content(week: Week) -> dict[str, Any]:
    """The JSON object of a week: unknown values are null, never zero."""
    snapshot = week.snapshot
    return {
        "universe": snapshot.universe, "title": snapshot.title, "as_of": snapshot.as_of, "run_id": snapshot.run_id,
        "headline": snapshot.headline, "names": snapshot.names, "table": snapshot.table.rename_axis("ticker"),
        "status": snapshot.status.rename_axis("ticker"), "causes": snapshot.causes.rename_axis("ticker"),
        "contracts": snapshot.contracts, "facts": snapshot.facts, "issues": snapshot.issues,
        "manifest": snapshot.manifest,
    }  # fmt: skip


def feed(title: str, universe: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """An Atom feed (RFC 4287), the latest week first; addresses are relative to the feed's own.

    Parameters
    ----------
    entries : iterable of mappings
        name, run_id, title, updated (aware), summary.
    """
    shown = list(entries)[:ENTRIES]
    about = f"urn:screener:{quote(universe, safe='')}"
    latest = max((one["updated"] for one in shown), default=None)
    items = "".join(
        f"<entry><id>{about}:{one['name']}:{escape(one['run_id'])}</id><title>{escape(one['title'])}</title>"
        f"<updated>{_moment(one['updated'])}</updated>"
        f'<link rel="alternate" type="text/html" href="weeks/{one["name"]}.html"/>'
        f"<summary>{escape(one['summary'])}</summary></entry>\n"
        for one in shown
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{about}</id><title>{escape(title)}</title><updated>{'' if latest is None else _moment(latest)}</updated>\n"
        f'<author><name>screener</name></author><link rel="self" href="{FEED}"/><link rel="alternate" href="index.html"/>\n'
        f"{items}</feed>\n"
    )


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def summary(ratio: float | None, low: float | None, high: float | None, sizes: str) -> str:
    """A week of the feed in a sentence."""
    if ratio is None or math.isnan(ratio):
        return f"Gap per secured MW: estimate not available ({sizes})."
    reach = "" if low is None or high is None else f", {interval(low, high)}"
    return f"Gap per secured MW: {texts([ratio], 'multiple')[0]}{reach} ({sizes})."
