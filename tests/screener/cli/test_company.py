"""`screener company` and `screener comparables` as a user types them, against figures by hand from the miners' files."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import ScreenerError

OCTOBER = ("--source", "bundled", "--as-of", "2026-10-05")
# CIFR: 414,253,564 shares, 172.5m of notes at 4.446, Google's warrant on 24,178,576 at a cent, 23,740,399 RSUs.
CIFR_SHARES = 414_253_564 + 172.5e6 / 4.446 + 24_178_576 * (1 - 0.01 / 15.48) + 23_740_399
# Debt 6,015.5m less the notes converted, cash 4,059.153m, 646 bitcoin at 84,518 USD of 2 October.
CIFR_EV = 15.48 * CIFR_SHARES + (6_015.5e6 - 172.5e6) - 4_059.153e6 - 646 * 84_518


def screener(*arguments: str):
    result = CliRunner().invoke(cli, list(arguments))
    if result.exception is not None and not isinstance(result.exception, (SystemExit, ScreenerError)):
        raise result.exception
    return result


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def cifr(tmp_path_factory):
    out = tmp_path_factory.mktemp("cifr")
    done = screener("company", "CIFR", *OCTOBER, "--out", str(out), "--format", "json,csv,html")
    assert done.exit_code == 0, done.output
    return done.output, out


def test_the_page_fits_80_columns_and_has_every_part(cifr):
    text, _ = cifr
    assert max(len(line) for line in text.splitlines() if not line.startswith("Written: ")) <= 80
    headings = ("Power", "Contracts and phases", "Net asset value", "History", "What changed", "Sources")
    assert [heading for heading in headings if heading not in text.splitlines()] == []
    assert f"CIFR is in the AI group. Contracted AI share: 91%. EV: ${CIFR_EV / 1e9:.1f}bn, or" in flat(text)
    assert f"${CIFR_EV / 1_937 / 1e6:.1f}m per secured MW" in flat(text)


@pytest.mark.long
def test_the_workbook_is_for_the_paper_that_was_asked_for(tmp_path):
    out = tmp_path / "cifr.xlsx"
    done = screener("company", "CIFR", *OCTOBER, "--paper", "a4", "--out", str(out))
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(out)
    assert {int(sheet.page_setup.paperSize) for sheet in book.worksheets if sheet.sheet_state == "visible"} == {
        9
    }  # Excel's number of A4


def test_json_csv_and_html_are_written(cifr):
    _, out = cifr
    names = sorted(path.name for path in out.iterdir())
    parts = ("bridge", "contracts", "facts", "history", "ladder", "power", "tranches")
    csv = ["miners_2026-10-05_company_CIFR.csv", *(f"miners_2026-10-05_company_CIFR_{part}.csv" for part in parts)]
    assert set(csv) <= set(names)
    page = (out / "miners_2026-10-05_company_CIFR.html").read_text()
    assert "Cipher Digital Inc. (CIFR), 5 October 2026" in page
    assert "Prices: bundled, last close 2026-10-05" in page  # what stands on the terminal stands in the file
    content = json.loads((out / "miners_2026-10-05_company_CIFR.json").read_text())
    assert content["ticker"] == "CIFR"
    assert content["metrics"]["enterprise_value_usd"] == pytest.approx(CIFR_EV)


def test_the_bridge_adds_up_to_the_enterprise_value_by_hand(cifr):
    _, out = cifr
    bridge = pd.read_csv(out / "miners_2026-10-05_company_CIFR_bridge.csv").set_index("line")
    assert bridge.at["diluted_shares", "value"] == pytest.approx(CIFR_SHARES)
    assert bridge.at["enterprise_value_usd", "value"] == pytest.approx(CIFR_EV)
    before = bridge.loc[:"enterprise_value_usd"]
    sign = before["kind"].map({"added": 1, "deducted": -1})
    assert (before["value"] * sign).sum() == pytest.approx(CIFR_EV)
    completed = bridge.at["enterprise_value_usd", "value"] + bridge.at["capex_to_spend_usd", "value"]
    assert bridge.at["completed_ev_usd", "value"] == pytest.approx(completed)
    assert bridge.at["cash_usd", "period"] == "2026-06-30"


def test_phases_are_those_of_the_files(cifr):
    text, out = cifr
    tranches = pd.read_csv(out / "miners_2026-10-05_company_CIFR_tranches.csv")
    owned = pd.read_csv(out / "miners_2026-10-05_company_CIFR_contracts.csv").set_index("contract_id")["owned_it_mw"]
    mw = tranches["share"] * tranches["contract_id"].map(owned)
    # contracts.csv: AWS 216 and 70, Fluidstack's amended leases 168 and 39; phases.csv: 50 of AWS delivered in July.
    assert mw.sum() == pytest.approx(216 + 70 + 168 + 39) == pytest.approx(493)
    assert mw[tranches["delivered"]].sum() == pytest.approx(50)
    phases = [line.split() for line in text.splitlines() if line.endswith(("in service", "planned   "))]
    assert ["AWS-202511", "2026-07", "50", "in", "service"] in phases
    assert ["FLUIDSTACK-202609A", "2026-12", "168", "planned"] in phases
    assert sum(int(row[2]) for row in phases) == 493


def test_an_unknown_ticker_is_one_line_with_the_nearest():
    done = screener("company", "CIFF", *OCTOBER)
    assert isinstance(done.exception, ScreenerError)
    assert done.exception.exit_code == 2
    assert "CIFR" in str(done.exception)


def test_a_contract_without_stated_mw_is_no_zero():
    text = flat(screener("company", "IREN", *OCTOBER).output)
    assert "TOGETHERFLUIDSTACKFIREWORKS-202511 2027-01 n/a assumed" in text
    assert "AIDEVELOPERS-202607 2026-11 to 2027-04 110 assumed" in text  # no phases in the file: half a year's ramp


def test_what_is_unknown_is_said_with_its_reason():
    text = flat(screener("company", "CRWV", "--source", "bundled", "--as-of", "2026-01-16").output)
    assert "The contracts are not listed one by one; the company reports a backlog of $55.6bn." in text
    assert "EV: n/a (cash unknown)." in text
    assert " nan " not in text
    soluna = flat(screener("company", "SLNH", "--source", "bundled", "--as-of", "2026-01-16").output)
    assert "SLNH is in neither group." in soluna
    assert "have not been reviewed, so the total is unknown" in soluna


def test_comparables_by_hand(tmp_path):
    done = screener("comparables", *OCTOBER, "--out", str(tmp_path), "--format", "json,csv,html")
    assert done.exit_code == 0, done.output
    assert max(len(line) for line in done.output.splitlines() if not line.startswith("Written: ")) <= 80
    # Price x (shares + partnership units) + debt + minorities - cash, in m; 2,124.462 MW of operating IT capacity.
    dlr = 188.15 * (351.40607 + 6.292) + 17_996.6 + 1_594.718 - 2_426.631
    told = f"DLR: EV ${dlr / 1e3:.1f}bn at the price of 2026-06-18, ${dlr / 2_124.462:.1f}m per MW of operating IT capacity."
    assert told in flat(done.output)
    assert "Share price 188.15 $" in flat(done.output)
    content = json.loads((tmp_path / "miners_2026-10-05_comparables.json").read_text())
    (row,) = content["enterprise"]  # EQIX and IRM have no price in the file, so no EV
    assert row["company"] == "DLR"
    assert row["enterprise_value_usd"] == pytest.approx(dlr * 1e6)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"miners_2026-10-05_comparables_deals.csv", "miners_2026-10-05_comparables.html"} <= names


def test_no_comparable_of_a_later_day_is_shown():
    text = screener("comparables", "--source", "bundled", "--as-of", "2026-01-16").output
    assert "2026-06-18" not in text
    assert "Aligned" in text  # 15 October 2025
    assert "Polaris" not in text  # 14 August 2026
