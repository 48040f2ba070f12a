"""What every sheet needs to know of the others: the screen as lists, where the tables stand, sources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter import Workbook

from exports.workbook.writer.cells import MILLION, Grid, Sheet, cell, day, is_unknown
from exports.workbook.writer.style import Styles, page_setup
from valuation.assumptions import describe
from valuation.metrics import METRICS
from valuation.report import Report
from valuation.screen import Screen

if TYPE_CHECKING:
    from valuation.studies import Studies

CHANGES = "Changes"  # opens the book where there is a run before
SUMMARY, SCREEN, BRIDGE, MULTIPLES = "Summary", "Screen", "EV bridge", "Multiples"
CONTRACTS, GAP, CURVE, REGRESSION = "Contracts", "Gap", "Specification curve", "Regression"
MIX, EVENTS, DATA, QUALITY, ASSUMPTIONS = "Revenue mix", "Events", "Data", "Quality", "Assumptions"
BACKLOG, NAV, MINING, SCENARIOS = "Backlog", "NAV", "Mining", "Scenarios"
SHEETS = (
    SUMMARY, SCREEN, BRIDGE, MULTIPLES, CONTRACTS, BACKLOG, NAV, MINING, SCENARIOS, GAP, CURVE, REGRESSION, MIX, EVENTS,
    DATA, QUALITY, ASSUMPTIONS,
)  # fmt: skip
# Only where the screen was run with its studies.
OF_RESEARCH = (CURVE, MIX, EVENTS)
# Only where the screen was run with what companies are worth.
OF_WORTH = (BACKLOG, NAV, MINING, SCENARIOS)
WITHOUT = "History, specification curve, the regression's checks, revenue mix and events: screener run --research."

# Screen, EV bridge and Multiples have a company in the same row.
FIRST = 6
LEGEND = (
    "Blue: input. Blue italics: computed by the run, not live. Black: formula. Green: from another sheet. Amber fill: "
    "stale. Blue fill: stand-in (proxy). n/a: unknown. n.m.: not meaningful. n.r.: not reported, adds nothing."
)
LIVE_ASSUMPTIONS = (
    "gross_mw_per_critical_it_mw",
    "weight_operating",
    "weight_construction",
    "weight_secured",
    "weight_pipeline",
    "noi_margin_lease",
    "noi_margin_gpu_cloud",
    "max_age_price_days",
)
# Live where the sheets of `OF_WORTH` are there.
LIVE_IN_WORTH = (
    "capex_lease_usd_per_mw", "capex_gpu_cloud_usd_per_mw", "capex_gpus_usd_per_mw", "capex_overrun_usd_per_mw",
    "tenant_paid_share", "build_years", "gpu_purchase_years", "start_lag_lease_years", "start_lag_gpu_cloud_years",
    "fleet_efficiency_j_per_th", "power_cost_usd_per_kwh", "mining_life_years", "hashprice_growth", "halving_recovery",
    "hashrate_refill", "cap_rate_hyperscaler", "cap_rate_investment_grade", "cap_rate_other", "cap_rate_exit",
    "cost_of_capital_hyperscaler", "cost_of_capital_investment_grade", "cost_of_capital_other",
    "cost_of_capital_cloud_premium", "cost_of_capital_mining", "residual_share", "delay_years",
    "market_noi_usd_per_mw", "probability_approved", "probability_operating", "probability_pipeline",
    "approved_start_years", "pipeline_start_years",
)  # fmt: skip
# What tells whether any input was changed since the run: metric, table and column of each total.
RUN_TOTALS = {
    "ev": ("enterprise_value_usd", "bridge", "ev"),
    "weighted": ("weighted_mw", "multiples", "weighted"),
    "backlog": ("backlog_usd", "totals", "backlog"),
    "noi": ("contracted_noi_usd", "totals", "noi"),
    "share": ("ai_share_contracted", "screen", "contracted"),
}
# Rows of the Assumptions sheet (zero-based); every sheet refers to them.
MARKET_ROW, SWITCH_ROW = 6, 11
VALUE_COLUMN = 1


class Book:
    """One workbook being written.

    Attributes
    ----------
    screen : Report
    grids : dict
        `Grid` by table name.
    table, status, causes, bridge, inputs, shares, companies : dict of lists
        The screen's frames by column, in the order of `tickers`.
    instruments, contracts : list of dict
        In the order of the companies.
    """

    def __init__(self, screen: Report, workbook: Workbook) -> None:
        self.screen, self.workbook, self.styles = screen, workbook, Styles(workbook)
        self.tickers = [str(t) for t in screen.table.index]
        self.row_of = {t: i for i, t in enumerate(self.tickers)}
        order = screen.table.index
        self.table, self.status, self.causes = (_lists(f) for f in (screen.table, screen.status, screen.causes))
        self.bridge, self.inputs, self.shares, self.companies = (
            _lists(f.reindex(order)) for f in (screen.bridge, screen.inputs, screen.shares, screen.companies)
        )
        self.instruments = self._records(screen.instruments, ["issued_on", "instrument"])
        self.contracts = self._records(screen.contracts, ["announced_on", "contract_id"])
        self.grids: dict[str, Grid] = {}
        self._sources = _sources(screen.facts)
        self._units = dict(
            zip(
                zip(screen.facts["ticker"], screen.facts["item"], strict=True),
                screen.facts["unit"],
                strict=True,
            )
        )
        self._cells = self._assumption_cells()
        self._links = [0]

    @property
    def studies(self) -> Studies:
        """The studies beside the screen, for what is written only where there are any."""
        if self.screen.studies is None:
            raise LookupError("the screen was run without its studies")
        return self.screen.studies

    @property
    def n(self) -> int:
        """Companies."""
        return len(self.tickers)

    @property
    def as_of(self) -> str:
        return day(self.screen.as_of)

    def assumption(self, name: str) -> str:
        """Address of a number on Assumptions, by the name of a switch, an assumption or a market input."""
        return cell(self._cells[name], VALUE_COLUMN, sheet=ASSUMPTIONS)

    def run_total(self, key: str) -> float:
        """A total of `RUN_TOTALS` in the unit of its sheet."""
        known = [v for v in self.table[RUN_TOTALS[key][0]] if not is_unknown(v)]
        return sum(known) / (MILLION if RUN_TOTALS[key][0].endswith("_usd") else 1.0)

    def is_live(self, name: str) -> bool:
        """Whether a changed cell of this assumption moves the workbook."""
        return name in LIVE_ASSUMPTIONS or (self.screen.nav is not None and name in LIVE_IN_WORTH)

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
        """The writer of a sheet, made in `SHEETS` order by `book.write`."""
        return Sheet(self.workbook.get_worksheet_by_name(name), self.styles, self._links)

    def top(self, sheet: Sheet, name: str, about: str) -> None:
        """The first three lines: title and date, prices and their age, what the sheet is."""
        sheet.words(0, 0, f"{name}: {self.screen.title}, as of {self.as_of}", "title")
        sheet.words(1, 0, self.screen.price_line, "warning" if self.screen.prices_are_old else "subtitle")
        sheet.words(2, 0, about, "subtitle")
        sheet.words(3, 0, LEGEND, "note")

    def finish(
        self,
        sheet: Sheet,
        *,
        freeze: tuple[int, int],
        repeat: tuple[int, int],
        last: tuple[int, int],
        wide: bool = True,
    ) -> None:
        """Page furniture of a sheet, and grey for what is unknown on it."""
        sheet.mute((FIRST, 0), last)
        page_setup(
            sheet.page,
            title=self.screen.title,
            as_of=self.as_of,
            run_id=str(self.screen.manifest["run_id"]),
            freeze=freeze,
            repeat=repeat,
            last=last,
            wide=wide,
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
        return cells | {f"run_{key}": start + i for i, key in enumerate(RUN_TOTALS)}


def definition(name: str) -> str:
    """A metric in one line, from the registry."""
    return f"{METRICS[name].title}: {METRICS[name].definition}"


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
