"""Minimal xlsx files written by hand, so that a test can put one thing wrong in one part."""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
BOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"


def sheet(rows: str, after: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(
    rows: str = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>12.5</v></c></row>', after: str = ""
) -> dict[str, str | bytes]:
    """The parts of a workbook of one sheet, S, with a text in A1 and 12.5 in B1 unless `rows` says otherwise."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{SHEET_TYPE}.{kind}+xml"/>'
        for name, kind in ((BOOK, "sheet.main"), (SHEET, "worksheet"), (STRINGS, "sharedStrings"))
    )
    return {
        TYPES: f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        f'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="{BOOK}"/></Relationships>',
        BOOK: f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
        SHEET: sheet(rows, after),
        STRINGS: f'{HEAD}<sst xmlns="{MAIN}"><si><t>text</t></si></sst>',
    }


def packed(content: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return out.getvalue()


def book(rows: str | None = None, after: str = "", **changed: str | bytes | None) -> bytes:
    """A workbook; `changed` parts by name (sheet1, sharedStrings, workbook, types), None for a part left out."""
    whole = parts(rows, after) if rows is not None else parts(after=after)
    names = {"sheet1": SHEET, "sharedStrings": STRINGS, "workbook": BOOK, "types": TYPES}
    for key, text in changed.items():
        name = names.get(key, key)
        if text is None:
            del whole[name]
        else:
            whole[name] = text
    return packed(whole)
