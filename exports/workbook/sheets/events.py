"""Events: abnormal returns around contract announcements and capital raises, with tests of their means."""

from __future__ import annotations

from typing import Any

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, insert
from exports.workbook.writer.citations import cited
from exports.workbook.writer.context import EVENTS, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BAND_COLOUR, BITCOIN_COLOUR, MUTED, PIVOT_COLOUR
from exports.workbook.writer.texts import commentary, wrapped
from exports.workbook.writer.values import is_unknown
from valuation.events import EventStudy

WIDTHS = (11, 9, 34, *(10.5,) * 14)
TESTS = (
    Column("window", "Window"),
    Column("sample", "Sample"),
    Column("name", ""),
    Column("n", "n events", "count"),
    Column("mean", "Mean (%)", "percent"),
    Column("median", "Median (%)", "percent"),
    Column("positive", "Share above zero (%)", "whole_percent"),
    Column("bmp", "BMP t", "statistic"),
    Column("bmp_p", "p, BMP", "p_value"),
    Column("kp", "Kolari-Pynnonen t", "statistic"),
    Column("kp_p", "p, Kolari-Pynnonen", "p_value"),
    Column("df", "Degrees of freedom", "count"),
    Column("rank", "Corrado rank z", "statistic"),
    Column("rank_p", "p, rank", "p_value"),
    Column("note", "Note", "small"),
)
RAISED = (
    Column("window", "Window"),
    Column("sample", "Sample"),
    Column("instrument", "Instrument"),
    Column("n", "n events", "count"),
    Column("mean", "Mean excess (%)", "percent"),
    Column("median", "Median (%)", "percent"),
    Column("positive", "Share above zero (%)", "whole_percent"),
    Column("t", "t, cross-sectional", "statistic"),
    Column("t_p", "p", "p_value"),
    Column("df", "Degrees of freedom", "count"),
    Column("note", "Note", "small"),
)
CHART_ROWS = 18
UNEVENTFUL = "nothing else"


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the tables, from top to bottom."""
    row = FIRST + len(wrapped(book.once(_commentary))) + 2
    out: dict[str, TableRange] = {}
    for name, study, tests in _studies(book):
        row += CHART_ROWS + 3 if name == "announced" else 3
        out[f"{name}_tests"] = TableRange(EVENTS, tests, row, len(study.tests))
        out[name] = TableRange(EVENTS, _event_columns(study), out[f"{name}_tests"].last + 4, len(study.events))
        row = out[name].last + 3 + _excluded_rows(study)
    return out


def _studies(book: ScreenBook) -> list[tuple[str, EventStudy, tuple[Column, ...]]]:
    happened = book.studies.events
    if happened is None:
        return []
    both = (("announced", happened.contracts, TESTS), ("raised", happened.raises, RAISED))
    return [(name, study, tests) for name, study, tests in both if study is not None]


def _excluded_rows(study: EventStudy) -> int:
    return len(wrapped(_excluded(study))) + 2


def _windows(study: EventStudy) -> list[str]:
    return list(dict.fromkeys(study.tests["window"]))


def _event_columns(study: EventStudy) -> tuple[Column, ...]:
    out = [Column("date", "Date", "date"), Column("ticker", "Ticker"), Column("headline", "Event", "small_wrap", 34)]
    if "alpha" in study.events:
        for window in _windows(study):
            out.append(Column(f"car{window}", f"Abnormal {window} (%)", "percent"))
            out.append(Column(f"t{window}", f"t {window}", "statistic"))
        out += [
            Column("n_estimation", "n estimation", "count"),
            Column("own_events", "Own earlier events left out", "count"),
            Column("beta_peers", "Beta to peers", "statistic"),
            Column("beta_bitcoin", "Beta to bitcoin", "statistic"),
        ]
    else:
        out += [Column(f"excess{window}", f"Excess {window} (%)", "percent") for window in _windows(study)]
    return (*out, Column("close_date", "Close", "date"), Column("confounded", "Confounding events", "small"))


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, happened = book.sheet(EVENTS), book.studies.events
    about = "Announcements and raises public by the as-of date; returns are fixed at run time."
    if happened is not None:
        about += f" Closes: {happened.source}, {happened.frequency}, last close {happened.last_close:%Y-%m-%d}."
    book.heading(sheet, EVENTS, about)
    sheet.set_widths(WIDTHS)
    after = sheet.notes(FIRST - 2, book.once(_commentary), head="Findings and limitations, fixed at run time")
    last = after
    for name, study, _ in _studies(book):
        tests, events = book.ranges[f"{name}_tests"], book.ranges[name]
        if name == "announced" and events.count:
            _announced(book, sheet, events, study, (after + 1, 0))
        _tests(sheet, tests, study)
        _events(sheet, events, study)
        last = sheet.notes(events.last + 2, _excluded(study), head=f"{study.title}: excluded")
    raised = None if happened is None else happened.raises
    if raised is not None:
        _raised(book, sheet, raised, (after + 1, 8))
        sheet.page.set_h_pagebreaks([book.ranges["raised_tests"].first - 2])
    last = sheet.notes(last + 1, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _test_rows(study: EventStudy) -> list[dict[str, Any]]:
    """Tests over all events, then over unconfounded ones, so that the windows of an instrument stand together."""
    return study.tests.sort_values("sample", kind="stable").to_dict("records")


def _tests(sheet: Sheet, area: TableRange, study: EventStudy) -> None:
    sheet.label(area.first - 2, 0, f"{study.title}, {study.frequency}: tests of the mean", "section")
    sheet.header(area, widths=False)
    sheet.static_table(area, _test_rows(study))


def _events(sheet: Sheet, area: TableRange, study: EventStudy) -> None:
    sheet.header(area, widths=False)
    announced = "alpha" in study.events
    rows = study.events.to_dict("records")
    for k, row in enumerate(rows):
        row["headline"] = row["headline"] if announced else f"{row['kind']}: {row['headline']}"
        row["confounded"] = _marks(row)
        sheet.text(area.first + k, area.index("ticker"), row.pop("ticker"), bold=True)
    sheet.static_table(area, rows)


def _marks(row: dict[str, Any]) -> str:
    parts = [row["confounded"]] if row["confounded"] else []
    parts += ["overlaps another event of the company"] if row["overlaps"] else []
    return "; ".join(parts)


def _announced(book: ScreenBook, sheet: Sheet, area: TableRange, study: EventStudy, at: tuple[int, int]) -> None:
    """Abnormal return of each announcement over the first window, in order of time."""
    window = _windows(study)[0]
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series(
        {"name": f"abnormal return {window}",
         "categories": [area.sheet, area.first, area.index("ticker"), area.last, area.index("ticker")],
         "values": cells(area, f"car{window}"), "fill": {"color": PIVOT_COLOUR}, "gap": 40}
    )  # fmt: skip
    chart.set_x_axis(
        axis("announcement", label_position="low", interval_unit=1) | {"num_font": {**SMALL, "rotation": -90}}
    )
    chart.set_y_axis(axis(f"abnormal return (%), window {window}", area=True, num_format="0%"))
    title = f"Contract announcements by date, n = {len(study.events)}"
    insert(sheet, chart, at, (700, CHART_ROWS * PIXELS_A_ROW), title, legend="")


def _raised(book: ScreenBook, sheet: Sheet, study: EventStudy, at: tuple[int, int]) -> None:
    """Mean excess return around raises by instrument and window."""
    area = book.ranges["raised_tests"]
    rows = _test_rows(study)
    found = [i for i, row in enumerate(rows) if row["sample"] == "all" and row["instrument"] != "all"]
    tested = {rows[i]["instrument"] for i in found if not is_unknown(rows[i]["t_p"])}
    found = [i for i in found if rows[i]["instrument"] in tested]
    if not found:
        return
    chart, colours = (
        book.workbook.add_chart({"type": "column"}),
        iter((PIVOT_COLOUR, BITCOIN_COLOUR, MUTED, BAND_COLOUR)),
    )
    for name in dict.fromkeys(rows[i]["instrument"] for i in found):
        mine = [i for i in found if rows[i]["instrument"] == name]
        chart.add_series(
            {"name": f"{name}, n = {max(rows[i]['n'] for i in mine)}", "fill": {"color": next(colours, MUTED)},
             "categories": cells(area, "window", mine[0], mine[-1]), "values": cells(area, "mean", mine[0], mine[-1])}
        )  # fmt: skip
    chart.set_x_axis(axis("window, weeks", label_position="low"))
    chart.set_y_axis(axis("mean return over the other miners (%)", area=True, num_format="0%"))
    insert(
        sheet, chart, at, (620, CHART_ROWS * PIXELS_A_ROW), "Capital raises: mean excess return by window, all events"
    )


def _excluded(study: EventStudy) -> list[str]:
    out = []
    for reason, rows in study.left_out.groupby("reason", sort=False):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in rows.itertuples(index=False))
        out.append(f"{reason}: {names}.")
    return out or ["None."]


def _commentary(book: ScreenBook) -> list[str]:
    happened = book.studies.events
    if happened is None:
        return [f"Estimate not available: {book.studies.notes.get('events', 'no events')}."]
    studies = [study for study in (happened.contracts, happened.raises) if study is not None]
    return [line for study in studies for line in commentary(study.findings)]


def _notes(book: ScreenBook) -> list[str]:
    happened = book.studies.events
    if happened is None:
        return ["An event study needs announcements, and closes around them."]
    notes = []
    for _, study, _ in _studies(book):
        notes += [f"{study.title}: {study.method}", *study.caveats]
    if len(happened.unsure):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in happened.unsure.itertuples(index=False))
        notes.append(f"Excluded, day of the announcement unknown: {names}.")
    notes.append("All tests are analytic: no draw, no seed. n and degrees of freedom are in each row.")
    return [*notes, f"Sources: {cited('METHODS 11')}.", *happened.notes]
