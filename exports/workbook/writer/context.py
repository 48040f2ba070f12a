"""Context of a workbook's sheets: the screen as lists, addresses of the tables, sources of the inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
from xlsxwriter import Workbook

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.input_register import Register
from exports.workbook.writer.ranges import Column, TableRange, cell, sheet_name
from exports.workbook.writer.style import Styles, page_setup
from exports.workbook.writer.values import MILLION, day, is_unknown, scaled
from valuation.assumptions import describe
from valuation.metrics import METRICS
from valuation.report import Report
from valuation.screen import Screen
from valuation.status import shown

if TYPE_CHECKING:
    from valuation.company_profile import CompanyProfile
    from valuation.comparison.changes import Changes
    from valuation.studies import Studies

T = TypeVar("T")
# The sheets, their order and the question that each answers: `registry.py`.
BRIEF, CHANGES, CONTENTS, GLOSSARY, CHART_DATA = "Brief", "Changes", "Contents", "Glossary", "Chart data"
BACK = (3, 0)  # cell of the link back to Brief and of Brief's to Contents, on every sheet
SUMMARY, SCREEN, BRIDGE, MULTIPLES = "Summary", "Screen", "EV bridge", "Multiples"
CONTRACTS, GAP, CURVE, REGRESSION = "Contracts", "Gap", "Specification curve", "Regression"
MIX, EVENTS, SIGNING = "Revenue mix", "Events", "Signing"
DATA, QUALITY, ASSUMPTIONS = "Data", "Quality", "Assumptions"
PHASES, TAPE = "Phases", "Lease tape"
BACKLOG, NAV, DCF, MINING, SCENARIOS = "Backlog", "NAV", "DCF", "Mining", "Scenarios"
FUNDING, FIELD, SENSITIVITY = "Funding", "Football field", "Sensitivity"
COMPANY_WEEKS = "Company weeks"  # written with a sheet for each company
STUDIES_HINT = (
    "History, specification curve, regression checks, revenue mix, events and first contracts: run with --studies."
)

# Screen, EV bridge and Multiples have a company in the same row.
FIRST = 6
LEGEND = (
    "Blue: input. Blue italics: fixed at run time. Black: formula. Green: link to another sheet. Amber fill: stale. "
    "Blue fill: stand-in (proxy). Violet fill: both. n/a: unknown. n.m.: not meaningful. n.r.: not reported, adds nothing."
)
# Metric, table and column of each total; a run with net asset values has one more.
RUN_TOTALS = {
    "ev": ("enterprise_value_usd", "bridge", "ev"),
    "weighted": ("weighted_mw", "multiples", "weighted_mw"),
    "backlog": ("backlog_usd", "totals", "backlog"),
    "noi": ("contracted_noi_usd", "totals", "noi"),
    "share": ("ai_share_contracted", "screen", "contracted"),
    "capex": ("capex_to_spend_usd", "totals", "spend"),
    "ntm": ("ntm_revenue_usd", "multiples", "ntm_revenue_usd"),
}
NAV_TOTAL = {"nav": ("nav_dcf_usd", "nav", "nav")}
# Rows of the Assumptions sheet (zero-based); every sheet refers to them.
MARKET_ROW, SWITCH_ROW = 6, 11
VALUE_COLUMN = 1


class ScreenBook:
    """The workbook of a screen while it is written.

    Attributes
    ----------
    screen : Report
    changes : Changes or None
        Since the previous run.
    ranges : dict
        Cell addresses of each table, by its name.
    register : Register
        Every input written so far.
    table, status, causes, bridge, power, inputs, shares, companies : dict of lists
        The screen's frames by column, in the order of `tickers`.
    profiles : dict of CompanyProfile
        By ticker: those that get a sheet of their own.
    instruments, contracts : list of dict
        In the order of the companies; `contract_row` is the position of each contract by its id.
    """

    def __init__(
        self,
        screen: Report,
        workbook: Workbook,
        changes: Changes | None = None,
        profiles: Sequence[CompanyProfile] = (),
    ) -> None:
        self.screen, self.workbook, self.styles, self.changes = screen, workbook, Styles(workbook), changes
        self.profiles = {profile.ticker: profile for profile in profiles}
        self.tickers = [str(t) for t in screen.table.index]
        self.row_of = {t: i for i, t in enumerate(self.tickers)}
        order = screen.table.index
        # A figure that is both stale and a proxy shows both.
        marked = shown(screen.status, screen.marks)
        self.table, self.status, self.causes = (_lists(f) for f in (screen.table, marked, screen.causes))
        self.bridge, self.power, self.inputs, self.shares, self.companies = (
            _lists(f.reindex(order))
            for f in (screen.bridge, screen.power, screen.inputs, screen.shares, screen.companies)
        )
        self.instruments = self._records(screen.instruments, ["issued_on", "instrument"])
        self.contracts = self._records(screen.contracts, ["announced_on", "contract_id"])
        self.contract_row = {record["contract_id"]: k for k, record in enumerate(self.contracts)}
        self.ranges: dict[str, TableRange] = {}
        self.register = Register()
        self._sources = _sources(screen.facts)
        self._units = dict(
            zip(zip(screen.facts["ticker"], screen.facts["item"], strict=True), screen.facts["unit"], strict=True)
        )
        self._cells = self._assumption_cells()
        self._links = [0]
        self._once: dict[Any, Any] = {}
        self._read: set[str] = set()

    def once(self, make: Callable[[ScreenBook], T]) -> T:
        """The result of `make`, computed once a workbook: several sheets read it."""
        if make not in self._once:
            self._once[make] = make(self)
        return self._once[make]

    @property
    def studies(self) -> Studies:
        """The studies of the report; their sheets are written only where there are any."""
        if self.screen.studies is None:
            raise LookupError("this report holds no studies")
        return self.screen.studies

    def closes_of(self, ticker: str) -> pd.Series:
        """Closes of the 365 days to the as-of date, where the company has a profile; empty otherwise."""
        profile = self.profiles.get(ticker)
        if profile is None:
            return pd.Series(dtype=float, index=pd.DatetimeIndex([]))
        return profile.closes[profile.closes.index > self.screen.as_of - pd.Timedelta(days=365)]

    @property
    def n(self) -> int:
        """Companies."""
        return len(self.tickers)

    @property
    def as_of(self) -> str:
        return day(self.screen.as_of)

    def assumption(self, name: str) -> str:
        """Address of a number on Assumptions, by the name of a switch, an assumption or a market input."""
        self._read.add(name)
        return cell(self._cells[name], VALUE_COLUMN, sheet=ASSUMPTIONS)

    @property
    def run_totals(self) -> dict[str, tuple[str, str, str]]:
        """Totals that show whether an input was changed after the run: metric, table and column of each."""
        return RUN_TOTALS | (NAV_TOTAL if self.screen.nav is not None else {})

    def run_total(self, key: str) -> float:
        """A total of `run_totals` in the unit of its sheet."""
        name = self.run_totals[key][0]
        if key in NAV_TOTAL and self.screen.nav is not None:
            worth = self.screen.nav.nav
            values = worth.table[name].where(worth.status[name] != "not_meaningful").tolist()
        else:
            values = self.table[name]
        return sum(v for v in values if not is_unknown(v)) / (MILLION if name.endswith("_usd") else 1.0)

    def metric(self, name: str, i: int) -> Any:
        """Company i's metric in the unit that sheets show."""
        value, unit = self.table[name][i], UNITS[METRICS[name].unit][2]
        return value if isinstance(value, str) else scaled(value, unit)

    def drives_formulas(self, name: str) -> bool:
        """Whether a formula written so far reads the assumption; Assumptions is the last sheet to be written."""
        return name in self._read

    def row_on_assumptions(self, name: str) -> int:
        """Zero-based row of a number on Assumptions."""
        return self._cells[name]

    def source(self, ticker: str, item: str) -> str:
        """Period, publication, file and line of an input and of the transactions since; empty if none."""
        return "\n".join(self._sources.get((ticker, item), ()))

    def units(self, ticker: str, item: str) -> str:
        """Unit of the fact in force."""
        return self._units.get((ticker, item), "")

    def sheet(self, name: str) -> Sheet:
        """The writer of a sheet that `book.write` made, with the link back to Brief in its fixed cell."""
        sheet = Sheet(
            self.workbook.get_worksheet_by_name(sheet_name(name)),
            self.styles,
            self._links,
            self.register,
            source=self.chart_source,
        )
        sheet.internal(*BACK, CONTENTS if name == BRIEF else BRIEF)
        return sheet

    @property
    def chart_source(self) -> str:
        """Source and last day of the closes, for the title of a chart."""
        manifest = self.screen.manifest
        return f"{manifest['price_source']} closes to {manifest['price_date'] or 'n/a'}"

    def stored(self, area: TableRange, key: str, k: int) -> Any:
        """What record k's cell of a table shows, number or text, on a sheet written before; empty where nothing is."""
        page = self.workbook.get_worksheet_by_name(area.sheet)
        return page.stored.get((area.first + k, area.index(key)), "")

    def stored_at(self, sheet: str, row: int, col: int) -> Any:
        """What a cell (zero-based) of a sheet written before shows; empty text where nothing stands."""
        return self.workbook.get_worksheet_by_name(sheet_name(sheet)).stored.get((row, col), "")

    def heading(self, sheet: Sheet, name: str, about: str) -> None:
        """The first lines: title and date, prices and their age, content of the sheet, legend."""
        sheet.label(0, 0, f"{name}: {self.screen.title}, as of {self.as_of}", "title")
        sheet.label(1, 0, self.screen.price_line, "warning" if self.screen.prices_are_old else "subtitle")
        sheet.label(2, 0, about, "subtitle")
        # Beside the link, whose column may be wider than the link's text.
        sheet.label(BACK[0], BACK[1] + 1, LEGEND, "note")

    def finish(
        self,
        sheet: Sheet,
        *,
        freeze: tuple[int, int],
        repeat: tuple[int, int],
        last: tuple[int, int],
        pages: int = 0,
        same_columns: bool = False,
    ) -> None:
        """Page setup of a sheet, and grey font for what is unknown on it."""
        sheet.grey_out((FIRST, 0), last)
        page_setup(
            sheet.page,
            title=self.screen.title,
            as_of=self.as_of,
            run_id=str(self.screen.manifest["run_id"]),
            freeze=freeze,
            repeat=repeat,
            last=last,
            pages=pages,
            same_columns=same_columns,
        )

    def _records(self, frame: pd.DataFrame, then_by: list[str]) -> list[dict[str, Any]]:
        ordered = frame.assign(_row=frame["ticker"].map(self.row_of)).dropna(subset="_row")
        ordered = ordered.sort_values(["_row", *then_by], kind="stable")
        return ordered.astype(object).to_dict("records")

    def _assumption_cells(self) -> dict[str, int]:
        cells = {"as_of": MARKET_ROW, "btc_usd": MARKET_ROW + 1, "threshold": MARKET_ROW + 2}
        switches = [d["name"] for d in describe(self.screen.switches)]
        cells |= {name: SWITCH_ROW + i for i, name in enumerate(switches)}
        row, section = SWITCH_ROW + len(switches) - 1, None
        for item in describe(self.screen.assumptions):
            # Two rows for the heading of a section: a blank and its name.
            row += 3 if item["section"] != section else 1
            section, cells[item["name"]] = item["section"], row
        start = max(cells.values()) + 3
        return cells | {f"run_{key}": start + i for i, key in enumerate(self.run_totals)}


def definition(name: str) -> str:
    """A metric in one line, from the registry."""
    return f"{METRICS[name].title}: {METRICS[name].definition}"


# Unit of the registry: as a header names it, number format, and what a value is divided by.
UNITS: dict[str, tuple[str, str, float]] = {
    "usd": ("$m", "money", MILLION),
    "usd_per_share": ("USD per share", "price", 1.0),
    "m_usd_per_mw": ("$m per MW", "per_mw", 1.0),
    "mw": ("gross MW", "mw", 1.0),
    "mw_critical_it": ("critical IT MW", "mw", 1.0),
    "shares": ("m", "shares", MILLION),
    "multiple": ("x", "multiple", 1.0),
    "fraction": ("%", "percent", 1.0),
    "count": ("", "count", 1.0),
    "text": ("", "text", 1.0),
}


def column(key: str, name: str, width: float = 9.5, section: str = "", title: str = "") -> Column:
    """Column of a metric: title, unit and number format from the registry."""
    metric = METRICS[name]
    unit, kind, _ = UNITS[metric.unit]
    title = (title or metric.title).removesuffix(" MW" if metric.unit in ("mw", "mw_critical_it") else "\0")
    return Column(key, f"{title} ({unit})" if unit else title, kind, width, section)


def _lists(frame: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(column): frame[column].tolist() for column in frame.columns}


def _sources(facts: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Lines of a note by (ticker, item): the fact in force, then the transactions that rolled it forward."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    columns = ["ticker", "item", "value", "unit", "period_end", "published_on", "source", "confidence"]
    values = [facts[c].tolist() for c in columns]
    for ticker, item, value, unit, period, published, source, confidence in zip(*values, strict=True):
        base, _, moved = item.partition(": transaction, ")
        sure = f", confidence {confidence}" if isinstance(confidence, str) and confidence else ""
        text = f"{day(period)}, published {day(published)}, {source}{sure}"
        if moved:
            text = f"+ {moved} {value:,.0f} {unit}: {text}"
        found[(ticker, base)].append(text)
    return found


def switches_text(screen: Screen) -> str:
    """The switches in force, in words."""
    names = {d["name"]: d["title"] for d in describe(screen.switches)}
    return "; ".join(f"{names[k]}: {'yes' if v else 'no'}" for k, v in asdict(screen.switches).items())
