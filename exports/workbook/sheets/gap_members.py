"""Members of each statistic of the gap: helper columns under the definitions, formulas of every input."""

from __future__ import annotations

from exports.workbook.sheets.multiples import ELSEWHERE
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.context import ScreenBook, column
from exports.workbook.writer.ranges import Column
from valuation.denominators import COMPLETED_EV, ENTERPRISE_VALUE, Denominator, in_gap
from valuation.gap.estimate import HEADLINE
from valuation.gap.lead import tercile_of
from valuation.groups import BITCOIN, PIVOT

BASE, RATIO, TERCILES = "Denominators", "Multiples", "Terciles of contracted share"
GROUPS = {PIVOT: ("Pivot:", "The same, AI group (pivot)"), BITCOIN: ("Bitcoin:", "The same, mining group (bitcoin)")}


def measured(book: ScreenBook) -> list[Denominator]:
    """Denominators in which the gap of the screen is measured."""
    return [in_gap()[metric] for metric in dict.fromkeys(book.screen.gap.frame["metric"])]


def columns(book: ScreenBook) -> tuple[Column, ...]:
    """Columns of the members: denominators, multiples, and the multiples by group."""
    ones = book.once(measured)
    out = [
        Column("ticker", "Ticker", width=10),
        Column("company", "Company", width=30),
        Column("use", "Use (1 = yes)", "flag", 8),
        Column("group", "Group", width=9),
        column("ev", ENTERPRISE_VALUE, 10.5),
    ]
    out += [column("completed", COMPLETED_EV, 10.5)] if any(one.numerator == COMPLETED_EV for one in ones) else []
    out += [column(f"base_{one.key}", one.denominator, 9.5, BASE) for one in ones]
    out += [column(f"x_{one.key}", one.metric, 9.5, RATIO) for one in ones]
    for group, (label, section) in GROUPS.items():
        out += [column(f"{group}_{o.key}", o.metric, 9.5, section, f"{label} {o.multiple_title}") for o in ones]
    out += [
        Column("share", "AI share, contracted, if in the headline (%)", "percent", 11.5, TERCILES),
        Column("tercile", "Tercile (1 = lowest)", "count", 11.5, TERCILES),
    ]
    return (*out, Column("without", "Headline gap without the company, fixed at run (x)", "ratio", 12.5, "Sensitivity"))


def write_members(book: ScreenBook, sheet: Sheet) -> None:
    """One row per company; a helper cell is empty where the company is not in that statistic."""
    area, screen = book.ranges["members"], book.ranges["screen"]
    title = "Members of each statistic: helper cells are empty where a company is excluded"
    sheet.label(area.first - 3, 0, title, "section")
    sheet.header(area, widths=False, height=58)
    without = book.screen.gap.sensitivity.to_dict()
    for i, ticker in enumerate(book.tickers):
        record, excluded = sheet.record(area, i), book.table["excluded"][i]
        record.company(ticker, book.companies["name"][i])
        record.input("use", 0.0 if excluded else 1.0, note=excluded)
        record.formula("group", screen.link("group", i), book.table["group"][i])
        ev = book.ranges["bridge"].link("ev", i)
        record.formula("ev", ev, book.metric(ENTERPRISE_VALUE, i), status=book.status[ENTERPRISE_VALUE][i])
        if any(one.numerator == COMPLETED_EV for one in book.once(measured)):
            completed = book.ranges["multiples"].link("completed", i)
            record.formula("completed", completed, book.metric(COMPLETED_EV, i), status=book.status[COMPLETED_EV][i])
        for one in book.once(measured):
            _multiple(book, record, one, i)
        _tercile(book, record, i)
        record.static("without", without.get(ticker), unknown="")


def _multiple(book: ScreenBook, record: Record, one: Denominator, i: int) -> None:
    table, key = ELSEWHERE.get(one.denominator, ("multiples", one.denominator))
    base, multiples = book.ranges[table].link(key, i), book.ranges["multiples"]
    record.formula(f"base_{one.key}", base, book.metric(one.denominator, i), status=book.status[one.denominator][i])
    ratio, here = book.table[one.metric][i], record.at(f"x_{one.key}")
    record.formula(f"x_{one.key}", multiples.link(one.metric, i), ratio, status=book.status[one.metric][i])
    inside = bool(book.screen.gap.members[one.metric].iloc[i])
    # A multiple beside the headline is taken on the headline's companies.
    number = f"COUNT({here},{record.at(f'x_{in_gap()[HEADLINE[0]].key}')})=2" if one.beside else f"ISNUMBER({here})"
    for group in GROUPS:
        test = f'AND({record.at("use")}=1,{record.at("group")}="{group}",{number})'
        mine = inside and book.table["group"][i] == group
        record.formula(f"{group}_{one.key}", f'IF({test},{here},"")', ratio if mine else "")


def _tercile(book: ScreenBook, record: Record, i: int) -> None:
    """Contracted share of a company of the headline, and its tercile by midrank: companies of one share stay together."""
    at, span = record.at, book.ranges["members"].span("share")
    inside = ",".join(at(f"{group}_{in_gap()[HEADLINE[0]].key}") for group in GROUPS)
    share = book.ranges["screen"].link("contracted", i)
    place = book.once(_places).get(book.tickers[i])
    value = "" if place is None else book.table["ai_share_contracted"][i]
    record.formula("share", f'IF(AND(COUNT({inside})=1,ISNUMBER({share})),{share},"")', value)
    # Companies below plus half of those level with it, out of all: its ranks from either end, which agree but for ties.
    lowest, highest = (f"RANK({at('share')},{span},{ascending})" for ascending in (1, 0))
    middle = f"MIN(3,INT(3*(COUNT({span})+{lowest}-{highest})/2/COUNT({span}))+1)"
    # Whatever their number, those of the lowest share are in the first tercile and those of the highest in the third.
    tercile = f"IF({at('share')}=MIN({span}),1,IF({at('share')}=MAX({span}),3,{middle}))"
    record.formula("tercile", f'IF(ISNUMBER({at("share")}),{tercile},"")', "" if place is None else place + 1.0)


def _places(book: ScreenBook) -> dict[str, float]:
    """Tercile of each company of the headline whose share is known, from 0."""
    members = book.screen.table[book.screen.gap.members[HEADLINE[0]]]
    return {str(ticker): float(place) for ticker, place in tercile_of(members).items()}
