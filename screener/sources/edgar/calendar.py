"""The next report expected of each company, from how long after its periods it filed before."""

from __future__ import annotations

import pandas as pd

EXPECTED_COLUMNS = ["ticker", "form", "period_end", "expected_on", "basis", "n", "status"]
PERIODIC = ("10-Q", "10-K", "10-KT", "20-F", "40-F")
ANNUAL = ("10-K", "10-KT", "20-F", "40-F")
_LEAST = 2  # reports: one is no pattern


def expected(filings: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The next periodic report of each company: form, period and day expected.

    Parameters
    ----------
    filings : DataFrame
        `FILING_COLUMNS`; what was filed after `as_of` is not read.
    as_of : Timestamp

    Returns
    -------
    DataFrame
        `EXPECTED_COLUMNS`, one row a company. `expected_on` is the end of the next period and the median lag from period end
        to filing: of the same quarter in earlier years (`n` of them), or where fewer than two are known of all reports of
        the same form. `status` is `expected`, `overdue` where that day has passed, or `unknown` (NaT, with the reason in
        `basis`) where fewer than two reports give a lag.
    """
    day = pd.Timestamp(as_of)
    reports = filings[filings["form"].isin(PERIODIC) & (filings["filed"] <= day) & filings["report_date"].notna()]
    # The first report of a period counts; an amendment has a form of its own.
    reports = reports.sort_values(["ticker", "report_date", "filed"]).drop_duplicates(["ticker", "report_date"])
    rows = [_next(ticker, reports[reports["ticker"] == ticker], day) for ticker in sorted(filings["ticker"].unique())]
    return pd.DataFrame(rows, columns=EXPECTED_COLUMNS)


def _next(ticker: str, reports: pd.DataFrame, day: pd.Timestamp) -> dict[str, object]:
    """The next report of one company."""
    unknown = {"ticker": ticker, "form": "", "period_end": pd.NaT, "expected_on": pd.NaT, "status": "unknown"}
    if len(reports) < _LEAST:
        basis = f"{len(reports)} periodic reports are known, at least {_LEAST} are needed"
        return unknown | {"basis": basis, "n": len(reports)}
    last = reports["report_date"].max()
    annual_only = reports["form"].isin(ANNUAL).all()
    period = last + pd.DateOffset(months=12 if annual_only else 3)
    # Fiscal quarters that end with a month end with the month; 52-week years move by some days.
    end = pd.offsets.MonthEnd().rollforward(period) if last.is_month_end else period
    lags = (reports["filed"] - reports["report_date"]).dt.days
    apart = (reports["report_date"] - end).dt.days
    years = (apart / 365.25).round()
    same = (
        apart - years * 365.25
    ).abs() <= 15  # the same quarter of an earlier year; of an annual filer the last report
    before = reports[same]
    form = before["form"].iloc[-1] if len(before) else "10-Q"
    kind = reports["form"].isin(ANNUAL) if form in ANNUAL else ~reports["form"].isin(ANNUAL)
    chosen, basis = (lags[same], "same quarter") if same.sum() >= _LEAST else (lags[kind], f"every {form}")
    head = {"ticker": ticker, "form": form, "period_end": end, "n": len(chosen)}
    if len(chosen) < _LEAST:
        return unknown | {"form": form, "period_end": end, "n": len(chosen),
                          "basis": f"fewer than {_LEAST} earlier reports of the kind {form}"}  # fmt: skip
    lag = int(chosen.median())
    on = end + pd.Timedelta(days=lag)
    basis = f"{basis} of earlier periods, median {lag} days after the period's end"
    return head | {"expected_on": on, "basis": basis, "status": "overdue" if on < day else "expected"}
