"""The model of a table and of a page: made once, rendered for the terminal, CSV, JSON, HTML and the workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from exports.tables.charts import ChartSpec
from exports.tables.formats import LEFT_ALIGNED, format_of, texts
from valuation.findings import CAN, CANNOT, NOTE, TITLES, Finding
from valuation.findings import texts as sentences
from valuation.metrics import METRICS

ALWAYS = 0  # priority of a column that no width drops


@dataclass(frozen=True)
class Column:
    """A column that readers see.

    Attributes
    ----------
    key : str
        Name in the frame; the index counts as a column under its name.
    unit : str
        Of `formats.FORMATS`: how the values, which stay in the frame's own unit, are scaled and printed.
    short : str
        Title where room is short.
    priority : int
        0 is always shown; the highest are dropped first where the page is narrow.
    unknown, zero : str
        What stands for an unknown value and, where given, for a zero.
    """

    key: str
    title: str
    unit: str = "text"
    short: str = ""
    priority: int = ALWAYS
    unknown: str = "n/a"
    zero: str | None = None

    @property
    def words(self) -> str:
        """The unit in words, empty where each cell carries it."""
        return format_of(self.unit).words

    @property
    def header(self) -> str:
        """Title with unit, on one line."""
        return f"{self.title} ({self.words})" if self.words and self.words not in self.title else self.title

    @property
    def right(self) -> bool:
        """Whether it is set flush right, as figures are."""
        return self.unit not in LEFT_ALIGNED


def column(key: str, title: str = "", unit: str = "", short: str = "", **more: Any) -> Column:
    """A column whose title and unit come from the metric registry where they are not given."""
    known = METRICS.get(key)
    title = title or (known.title if known else key.replace("_", " ").strip().capitalize())
    return Column(key, title, unit or (known.unit if known else "text"), short, **more)


@dataclass(frozen=True)
class TableSpec:
    """One table: what is kept of it in files, and which of its columns readers see, in which order and form.

    Attributes
    ----------
    name : str
        Key in JSON and end of the CSV file's name.
    frame : DataFrame
        A row a line; a named index is a column too.
    status : DataFrame, optional
        Same index, a status a figure (`ok`, `stale`, `proxy`, `missing`, `not_meaningful`).
    columns : sequence of Column
        What readers see; the files hold every column of the frame at full precision.
    marks : Series, optional
        Text after the first cell of a row, such as `*`.
    styles : Series, optional
        `bold`, `dim`, `warn`, `bad`, `good` for a row.
    footer : mapping, optional
        A last row of sums, by key.
    notes : sequence of str
        What a reader has to know beside the figures.
    data : DataFrame, optional
        What files hold where it differs from the frame shown.
    """

    name: str
    frame: pd.DataFrame
    columns: Sequence[Column]
    title: str = ""
    status: pd.DataFrame | None = None
    marks: pd.Series | None = None
    styles: pd.Series | None = None
    footer: Mapping[str, Any] | None = None
    notes: Sequence[str] = ()
    data: pd.DataFrame | None = None

    def values(self, key: str) -> list[Any]:
        """The values of a column or of a level of the index."""
        if key in self.frame.columns:
            return self.frame[key].tolist()
        return self.frame.index.get_level_values(key).tolist()

    def cells(self) -> list[list[str]]:
        """What each shown column prints, a list a column, the footer last."""
        out = []
        for place, shown in enumerate(self.columns):
            values = self.values(shown.key)
            states = (
                self.status[shown.key].tolist()
                if self.status is not None and shown.key in self.status.columns
                else None
            )
            printed = texts(values, shown.unit, states, unknown=shown.unknown, zero=shown.zero)
            if place == 0 and self.marks is not None:
                printed = [text + mark for text, mark in zip(printed, self.marks.tolist(), strict=True)]
            if self.footer is not None:
                end = self.footer.get(shown.key, "")
                printed.append(end if isinstance(end, str) else texts([*values, end], shown.unit)[-1])
            out.append(printed)
        return out

    def row_styles(self) -> list[str]:
        """The style of each row, the footer in bold."""
        styles = [""] * len(self.frame) if self.styles is None else [str(style) for style in self.styles]
        return styles if self.footer is None else [*styles, "bold"]

    def machine(self) -> pd.DataFrame:
        """What files hold: every column at full precision, its status beside it where there is one."""
        if self.data is not None:
            return self.data
        if self.status is None:
            return with_index(self.frame)
        parts: dict[str, pd.Series] = {}
        for name in self.frame.columns:
            parts[str(name)] = self.frame[name]
            if name in self.status.columns:
                parts[f"{name}_status"] = self.status[name]
        return with_index(pd.DataFrame(parts, index=self.frame.index))


def with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with its index as columns; a nameless count of rows is dropped."""
    counted = frame.index.nlevels == 1 and frame.index.name is None and pd.api.types.is_integer_dtype(frame.index)
    return frame.reset_index(drop=counted)


@dataclass(frozen=True)
class Text:
    """A line of prose: `lead` in bold, then the text; style `dim`, `warn`, `bad`, `bold`, `heading` or none."""

    text: str
    style: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Points:
    """A heading and its points; rendered where there are any."""

    title: str
    lines: Sequence[str]
    style: str = ""


@dataclass(frozen=True)
class Brief:
    """The sentences that a page opens with."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Links:
    """Texts with their addresses, of the web or relative to the page."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Terms:
    """Terms with what they mean, a row each."""

    rows: Sequence[tuple[str, str]]


# On pages; a terminal prints neither charts nor links nor terms.
Block = Text | Points | TableSpec | ChartSpec | Brief | Links | Terms


def findings(found: Iterable[Finding]) -> list[Block]:
    """Notes, what the figures support, and their limitations, a heading each."""
    every = list(found)
    return [Points(TITLES[kind], sentences(every, kind)) for kind in (NOTE, CAN, CANNOT)]


def note(text: str) -> Text:
    """A line of method, of sources, of what is excluded."""
    return Text(text, "dim")


def warning(text: str) -> Text:
    """A line that a reader must not miss."""
    return Text(text, "warn")


def bad(text: str) -> Text:
    """A line that qualifies everything below it."""
    return Text(text, "bad")


@dataclass(frozen=True)
class Page:
    """What one command answers.

    Attributes
    ----------
    title : str
        With scope and date.
    blocks : sequence
        What a reader sees, in order.
    content : mapping
        The JSON object; frames, series, tables, dates and dataclasses in it are turned into JSON when written.
    files : mapping
        CSV files by name, the main one first.
    """

    title: str
    blocks: Sequence[Block]
    content: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, pd.DataFrame | TableSpec] = field(default_factory=dict)

    def after_title(self, *blocks: Block) -> Page:
        """The page with blocks between its title and the rest."""
        return replace(self, blocks=(*blocks, *self.blocks))

    @property
    def tables(self) -> list[TableSpec]:
        """The tables that a reader sees."""
        return [block for block in self.blocks if isinstance(block, TableSpec)]
