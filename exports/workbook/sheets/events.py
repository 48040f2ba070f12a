"""Events: what contract announcements and capital raises did to prices, each event and the tests of their means."""

from __future__ import annotations

from typing import Any

from exports.terminal.events import contracts_in_words, raises_in_words
from exports.workbook.writer.cells import Column, Grid, Sheet, is_unknown, points, wrapped
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, insert
from exports.workbook.writer.context import EVENTS, FIRST, Book
from exports.workbook.writer.style import BAND_COLOUR, BITCOIN_COLOUR, MUTED, PIVOT_COLOUR
from valuation.events import EventStudy

WIDTHS = (11, 9, 34, *(10.5,) * 13)
TESTS = (
    Column("window", "Window"),
    Column("sample", "Sample"),
    Column("name", ""),
    Column("n", "n events", "count"),
    Column("mean", "Mean (%)", "percent"),
    Column("median", "Median (%)", "percent"),
    Column("positive", "Above zero (%)", "whole_percent"),
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
    Column("positive", "Above zero (%)", "whole_percent"),
    Column("t", "t, cross-section", "statistic"),
    Column("t_p", "p", "p_value"),
    Column("df", "Degrees of freedom", "count"),
    Column("note", "Note", "small"),
)
CHART_ROWS = 18
UNEVENTFUL = "nothing else"


def grids(book: Book) -> dict[str, Grid]:
    """Where the tables stand, from top to bottom."""
    row = FIRST + len(wrapped(_said(book))) + 2
    out: dict[str, Grid] = {}
    for name, study, tests in _studies(book):
        row += CHART_ROWS + 3 if name == "announced" else 3
        out[f"{name}_tests"] = Grid(EVENTS, tests, row, len(study.tests))
        out[name] = Grid(EVENTS, _event_columns(study), out[f"{name}_tests"].last + 4, len(study.events))
        row = out[name].last + 3 + _left_rows(study)
    return out


def _studies(book: Book) -> list[tuple[str, EventStudy, tuple[Column, ...]]]:
    happened = book.studies.events
    if happened is None:
        return []
    both = (("announced", happened.contracts, TESTS), ("raised", happened.raises, RAISED))
    return [(name, study, tests) for name, study, tests in both if study is not None]


def _left_rows(study: EventStudy) -> int:
    return len(wrapped(_left(study))) + 2


def _windows(study: EventStudy) -> list[str]:
    return list(dict.fromkeys(study.tests["window"]))


def _event_columns(study: EventStudy) -> tuple[Column, ...]:
    out = [Column("date", "Date", "date"), Column("ticker", "Ticker"), Column("headline", "What")]
    if "alpha" in study.events:
        for window in _windows(study):
            out.append(Column(f"car{window}", f"Abnormal {window} (%)", "percent"))
            out.append(Column(f"t{window}", f"t {window}", "statistic"))
        out += [
            Column("n_estimation", "n estimation", "count"),
            Column("beta_peers", "Beta to peers", "statistic"),
            Column("beta_bitcoin", "Beta to bitcoin", "statistic"),
        ]
    else:
        out += [Column(f"excess{window}", f"Excess {window} (%)", "percent") for window in _windows(study)]
    return (*out, Column("close_date", "Close", "date"), Column("confounded", "What else", "small"))


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, happened = book.sheet(EVENTS), book.studies.events
    about = "Announcements and raises public by the as-of date; returns of the run, none of them live."
    if happened is not None:
        about += f" Closes: {happened.source}, {happened.frequency}, the last of {happened.last_close:%Y-%m-%d}."
    book.top(sheet, EVENTS, about)
    for col, width in enumerate(WIDTHS):
        sheet.page.set_column(col, col, width)
    after = sheet.lines(FIRST - 2, _said(book), head="What can and cannot be said, in the run")
    last = after
    for name, study, _ in _studies(book):
        tests, events = book.grids[f"{name}_tests"], book.grids[name]
        if name == "announced" and events.count:
            _announced(book, sheet, events, study, (after + 1, 0))
        _tests(sheet, tests, study)
        _events(sheet, events, study)
        last = sheet.lines(events.last + 2, _left(study), head=f"{study.title}: left out")
    raised = None if happened is None else happened.raises
    if raised is not None:
        _raised(book, sheet, raised, (after + 1, 8))
        sheet.page.set_h_pagebreaks([book.grids["raised_tests"].first - 2])
    last = sheet.lines(last + 1, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _test_rows(study: EventStudy) -> list[dict[str, Any]]:
    """The tests over all events, then over clean ones, so that the windows of an instrument stand together."""
    return study.tests.sort_values("sample", kind="stable").to_dict("records")


def _tests(sheet: Sheet, grid: Grid, study: EventStudy) -> None:
    sheet.words(grid.first - 2, 0, f"{study.title}, {study.frequency}: tests of the mean", "section")
    sheet.header(grid, widths=False)
    for k, row in enumerate(_test_rows(study)):
        for column in grid.columns:
            r, c = grid.first + k, grid.index(column.key)
            if column.key in ("window", "sample", "instrument"):
                sheet.text(r, c, row[column.key], bold=column.key == "window")
            elif column.key == "note":
                sheet.text(r, c, row["note"], "small")
            elif column.key != "name":
                value = row[column.key]
                sheet.static(r, c, float(value) if not is_unknown(value) else None, column.kind)


def _events(sheet: Sheet, grid: Grid, study: EventStudy) -> None:
    sheet.header(grid, widths=False)
    for k, row in enumerate(study.events.to_dict("records")):
        r = grid.first + k
        for column in grid.columns:
            c = grid.index(column.key)
            if column.key == "ticker":
                sheet.text(r, c, row["ticker"], bold=True)
            elif column.key == "headline":
                what = f"{row['kind']}: {row['headline']}" if "alpha" not in row else row["headline"]
                sheet.text(r, c, what, "small_wrap")
                sheet.fit(r, (what, WIDTHS[2]))
            elif column.key == "confounded":
                sheet.text(r, c, _marks(row), "small")
            elif column.kind == "date":
                sheet.input(r, c, row[column.key], "date")
            else:
                sheet.static(r, c, float(row[column.key]), column.kind)


def _marks(row: dict[str, Any]) -> str:
    parts = [row["confounded"]] if row["confounded"] else []
    parts += ["overlaps another event of its own"] if row["overlaps"] else []
    return "; ".join(parts)


def _announced(book: Book, sheet: Sheet, grid: Grid, study: EventStudy, at: tuple[int, int]) -> None:
    """Each announcement's abnormal return over the first window, in order of time."""
    window = _windows(study)[0]
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series(
        {"name": f"abnormal return {window}",
         "categories": [grid.sheet, grid.first, grid.index("ticker"), grid.last, grid.index("ticker")],
         "values": cells(grid, f"car{window}"), "fill": {"color": PIVOT_COLOUR}, "gap": 40}
    )  # fmt: skip
    chart.set_x_axis(axis(label_position="low", interval_unit=1) | {"num_font": {**SMALL, "rotation": -90}})
    chart.set_y_axis(axis(f"abnormal return, window {window}", grid=True, num_format="0%"))
    title = f"Contract announcements in order of time, n = {len(study.events)}"
    insert(sheet, chart, at, (700, CHART_ROWS * PIXELS_A_ROW), title, legend="")


def _raised(book: Book, sheet: Sheet, study: EventStudy, at: tuple[int, int]) -> None:
    """Mean excess returns around raises: a line an instrument over the windows."""
    grid = book.grids["raised_tests"]
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
             "categories": cells(grid, "window", mine[0], mine[-1]), "values": cells(grid, "mean", mine[0], mine[-1])}
        )  # fmt: skip
    chart.set_x_axis(axis(label_position="low"))
    chart.set_y_axis(axis("mean excess over the other miners", grid=True, num_format="0%"))
    insert(
        sheet, chart, at, (620, CHART_ROWS * PIXELS_A_ROW), "Capital raises: mean excess return by window, all events"
    )


def _left(study: EventStudy) -> list[str]:
    out = []
    for reason, rows in study.left_out.groupby("reason", sort=False):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in rows.itertuples(index=False))
        out.append(f"{reason}: {names}.")
    return out or ["None."]


def _said(book: Book) -> list[str]:
    happened = book.studies.events
    if happened is None:
        return [f"Nothing can be said: {book.studies.notes.get('events', 'no events')}."]
    said = []
    if happened.contracts is not None:
        said += points(*contracts_in_words(happened.contracts))
    if happened.raises is not None:
        said += points(*raises_in_words(happened.raises))
    return said


def _notes(book: Book) -> list[str]:
    happened = book.studies.events
    if happened is None:
        return ["An event study needs announcements, and closes around them."]
    notes = []
    for _, study, _ in _studies(book):
        notes += [f"{study.title}: {study.method}", *study.caveats]
    if len(happened.unsure):
        names = ", ".join(f"{row.ticker} {row.date:%Y-%m-%d}" for row in happened.unsure.itertuples(index=False))
        notes.append(f"Day of the announcement not known, left out: {names}.")
    notes.append("All tests are analytic: no draw, no seed. n and degrees of freedom stand in each row.")
    return [*notes, *happened.notes]
