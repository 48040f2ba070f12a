"""Candidates for events.csv out of filings: 8-K items, prospectuses and delisting notices, with the day the market knew."""

from __future__ import annotations

import pandas as pd

from screener.sources.edgar import known

KINDS = ("contract", "financing", "m&a", "strategy", "results", "guidance", "status", "alert")
CANDIDATE_COLUMNS = [
    "ticker",
    "date",
    "after_close",
    "kind",
    "or_kind",
    "what",
    "form",
    "items",
    "accession",
    "source_url",
]
# 8-K item -> the kind, another kind that it may be, and the item in words. A person decides between two.
ITEMS = {
    "1.01": ("contract", "financing", "material agreement"),
    "1.02": ("contract", "", "material agreement ended"),
    "2.01": ("m&a", "", "acquisition or sale completed"),
    "2.02": ("results", "", "results"),
    "2.03": ("financing", "", "debt incurred"),
    "3.02": ("financing", "", "unregistered sale of equity or a convertible"),
    "3.03": ("status", "", "rights of shareholders changed"),
    "4.02": ("alert", "", "earlier statements are no longer to be relied on"),
    "5.03": ("status", "", "charter or fiscal year changed"),
    "7.01": ("guidance", "results", "disclosure to investors, such as monthly production"),
    "8.01": ("guidance", "results", "other event"),
}
# Form -> the same. Amendments (8-K/A, 25-NSE) are read as their form.
FORMS = {
    "424B5": ("financing", "", "prospectus for a sale of securities"),
    "25": ("status", "", "removal from listing"),
    "25-NSE": ("status", "", "removal from listing"),
    "15-12B": ("status", "", "end of reporting"),
    "15-12G": ("status", "", "end of reporting"),
    "15-15D": ("status", "", "end of reporting"),
    "15": ("status", "", "end of reporting"),
}
# An agreement filed together with one of these is the financing's own agreement.
_OF_A_FINANCING = {"2.03", "3.02"}


def candidates(filings: pd.DataFrame) -> pd.DataFrame:
    """Events that filings announce, one row a filing and kind; a person writes the headline.

    Parameters
    ----------
    filings : DataFrame
        `FILING_COLUMNS`.

    Returns
    -------
    DataFrame
        `CANDIDATE_COLUMNS`, by ticker, date and accession. `date` is the day of acceptance in New York (the filing day
        where no time is known), `after_close` whether that day's close could no longer know it (<NA> where no time is
        known), `or_kind` another kind that the items allow, `what` the items in words.
    """
    wanted = filings.set_axis(range(len(filings)))
    day = known.new_york_day(wanted["accepted_at"])
    knowing = known.known_days(wanted["accepted_at"], wanted["filed"])
    late = (knowing > day).astype("boolean").mask(day.isna())
    dates = day.fillna(pd.to_datetime(wanted["filed"]))
    rows = []
    for place, filing in enumerate(wanted.itertuples()):
        for kind, (other, words) in _kinds(str(filing.form), filing.items).items():
            rows.append(
                {
                    "ticker": filing.ticker, "date": dates[place], "after_close": late[place], "kind": kind,
                    "or_kind": other, "what": "; ".join(words), "form": filing.form,
                    "items": filing.items if isinstance(filing.items, str) else "", "accession": filing.accession,
                    "source_url": filing.url,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows, columns=CANDIDATE_COLUMNS).astype({"after_close": "boolean"})
    order = ["ticker", "date", "accession"]
    return frame.sort_values(order, kind="stable").reset_index(drop=True)


def _kinds(form: str, items: object) -> dict[str, tuple[str, list[str]]]:
    """The kinds that a filing announces: by kind another possible kind, and what was filed in words."""
    base = form.removesuffix("/A")
    if base in FORMS:
        kind, other, words = FORMS[base]
        return {kind: (other, [words])}
    if base != "8-K" or not isinstance(items, str):
        return {}
    stated = [item.strip() for item in items.split(",")]
    financing = bool(_OF_A_FINANCING & set(stated))
    found: dict[str, tuple[str, list[str]]] = {}
    for item in dict.fromkeys(stated):
        if item not in ITEMS:
            continue
        kind, other, words = ITEMS[item]
        if item == "1.01" and financing:
            kind, other = "financing", "contract"
        if item in {"7.01", "8.01"} and "2.02" in stated:
            kind, other = "results", "guidance"
        before, said = found.get(kind, ("", []))
        found[kind] = (before or other, [*said, words])
    return found
