"""`screener contracts`, `mining`, `nav`, `scenario` and `assumptions` as a user types them."""

from __future__ import annotations

import csv
import io
import json
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import cli, scenarios
from screener.errors import AssumptionsError, NotKnown
from tests.valuation.worlds import january, of

JANUARY = ("--source", "bundled", "--as-of", "2026-01-16")
PAGES = {
    "contracts": ["contracts", *JANUARY],
    "contracts of a company": ["contracts", "iren", *JANUARY],
    "contracts of nobody": ["contracts", "MARA", *JANUARY],
    "contracts in autumn": ["contracts", "--source", "bundled", "--as-of", "2026-10-05"],
    "no contracts": ["contracts", "--source", "bundled", "--as-of", "2024-01-12"],
    "mining": ["mining", *JANUARY],
    "mining with a site": ["mining", *JANUARY, "--site-mw", "100", "--firm-mw", "60"],
    "mining on old figures": ["mining", "--source", "bundled", "--as-of", "2026-10-05"],
    "nav": ["nav", *JANUARY],
    "nav of cipher": ["nav", "CIFR", *JANUARY],
    "nav of iren": ["nav", "IREN", *JANUARY],
    "nav unknown": ["nav", "CRWV", *JANUARY],
    "nav early": ["nav", "--source", "bundled", "--as-of", "2024-01-12"],
    "nav in autumn": ["nav", "--source", "bundled", "--as-of", "2026-10-05"],
    "nav in autumn of hut": ["nav", "HUT", "--source", "bundled", "--as-of", "2026-10-05"],
    "scenario list": ["scenario", "list"],
    **{f"scenario {name}": ["scenario", "run", name, *JANUARY] for name in scenarios.names()},
}


def run(*arguments: str):
    return CliRunner().invoke(cli.cli, list(arguments))


# Pages that others of the list show too, of other companies and scenarios: tried before a release.
LONG = {"nav of iren", "nav early", "nav in autumn"} | {f"scenario {name}" for name in scenarios.names()[2:]}
SHOWN = [
    pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in PAGES if name != "scenario list"
]


@pytest.fixture(scope="module")
def pages(pytestconfig) -> dict[str, str]:
    """What is printed; of `LONG` only where long tests run."""
    left_out = LONG if "not long" in pytestconfig.option.markexpr else set()
    shown = {}
    for name, arguments in PAGES.items():
        if name in left_out:
            continue
        result = run(*arguments)
        assert result.exit_code == 0, (name, result.output, result.exception)
        shown[name] = result.output
    return shown


@pytest.mark.parametrize("name", SHOWN)
def test_every_page_fits_80_columns_and_cuts_nothing(pages, name):
    lines = pages[name].splitlines()
    assert max(map(len, lines)) <= 80
    # Names may be cut, figures may not: whatever follows a cut is a number.
    cut = [line.split("…")[1:] for line in lines if "…" in line]
    assert all(len(rest) == 1 and rest[0].split()[0][0].isdigit() for rest in cut)
    assert "nan" not in pages[name].split()


def test_the_signed_total_stands_beside_the_published_one_with_what_is_not_in_it(pages):
    page = " ".join(pages["contracts"].split())
    assert "$66.1bn signed by miners ($70.7bn at 100%)." in page
    assert "Press reports of early 2026 cite $65bn; they do not say which companies are counted." in page
    assert "comparables ($20.3bn)" in page
    assert "miners whose EV is not meaningful ($13.5bn)" in page
    unvalued = "HUT-HIGHRISE-202409, IREN-TOGETHERFLUIDSTACKFIREWORKS-202511, WYFI-CEREBRAS-202502"
    assert f"value not announced: {unvalued}" in page


def test_the_claim_of_early_2026_is_not_held_against_another_date(pages):
    assert "Press reports" not in run("contracts", "--source", "bundled", "--as-of", "2026-06-30").output
    assert "No contract is signed on this date." in pages["no contracts"]


def test_a_companys_contracts_show_average_and_first_year_apart():
    page = run("contracts", "HUT", *JANUARY).output
    assert "NOI per MW of critical IT: $1.85m a year on average, $1.49m in the first year" in page
    assert "Google guarantees 100%" in page


def test_iren_shows_ebitda_and_ebit_side_by_side(pages):
    page = " ".join(pages["contracts of a company"].split())
    assert "revenue a year $1.9bn on average" in page
    assert "EBITDA $1.6bn (margin 85.0%); EBIT after GPUs $489m" in page
    assert "value unknown; in no year of the schedule" in page


def test_nav_shows_two_methods_floor_price_and_doubts(pages):
    page = pages["nav of cipher"]
    total = next(line for line in page.splitlines() if line.strip().startswith("Net asset value "))
    # By DCF, by cap rate, floor: what the library gives, which tests/valuation/nav works by hand.
    row = of(january().nav.table, "CIFR")
    names = ("nav_dcf_usd", "nav_cap_rate_usd", "floor_usd")
    assert total.split()[3:6] == [f"{row[name] / 1e6:,.0f}" for name in names]
    assert "Income tax on contracts" in page
    assert "NAV per share after raising it" in " ".join(pages["nav in autumn of hut"].split())
    assert "Debt matures" in pages["nav in autumn of hut"]
    assert "Caveats" in page
    assert "Google guarantees 47% of the value" in " ".join(page.split())
    implied = f"The price implies, each alone: a cap rate of {row['implied_cap_rate']:.1%} on the leases"
    assert implied in " ".join(page.split())
    assert "10,000 draws, seed 20260116" in " ".join(pages["nav"].split())


def test_nav_says_why_there_is_none(pages):
    why = "Net asset value: estimate not available (its business is none of the parts valued here)."
    assert why in " ".join(pages["nav unknown"].split())


def test_old_hashprice_is_told(pages):
    # Hashrate of 28 August at the bitcoin price of October: old, and of two different weeks.
    assert "(stale, proxy)" in pages["mining on old figures"]
    assert "Network figures old; bitcoin price and hashrate of different weeks" in " ".join(
        pages["mining on old figures"].split()
    )


def test_made_up_power_prices_are_told_and_real_ones_named(pages, tmp_path):
    assert "Power prices are illustrative" in pages["mining with a site"]
    path = tmp_path / "hours.csv"
    path.write_text("usd_per_mwh\n" + "\n".join(["20", "120"] * 12))
    page = run("mining", *JANUARY, "--site-mw", "100", "--power-prices", str(path)).output
    assert "24 hours of hours.csv: mean $70.0 per MWh" in " ".join(page.split())
    assert "illustrative" not in page


@pytest.mark.parametrize(("content", "told"), [
    ("price\n1\n", "hours.csv:1: usd_per_mwh: expected a column of this name"),
    ("usd_per_mwh\n1\nx\n", "hours.csv:3: usd_per_mwh 'x': expected a number"),
    ("usd_per_mwh\n", "expected hourly prices, found none"),
    ("", "hours.csv:1: expected a header row; the file is empty"),
])  # fmt: skip
def test_bad_power_prices_are_told_by_line(tmp_path, content, told):
    path = tmp_path / "hours.csv"
    path.write_text(content)
    result = run("mining", *JANUARY, "--site-mw", "100", "--power-prices", str(path))
    assert told in str(result.exception)
    assert result.exception.exit_code == 2


@pytest.mark.parametrize("arguments", [
    ["mining", "--firm-mw", "5"], ["mining", "--site-mw", "5", "--firm-mw", "6"], ["mining", "--site-mw", "-1"],
    ["nav", "--draws", "0"], ["nav", "--source", "bundled", "--as-of", "2999-01-01"],
])  # fmt: skip
def test_impossible_options_are_usage_errors(arguments):
    assert run(*arguments).exit_code == 2


def test_an_unknown_company_is_answered_with_the_nearest():
    result = run("nav", "RIOTT", *JANUARY)
    assert isinstance(result.exception, NotKnown)
    assert "did you mean RIOT" in str(result.exception)


def test_an_unknown_scenario_is_answered_with_the_nearest():
    with pytest.raises(NotKnown, match="did you mean bitcoin-half"):
        scenarios.load("bitcoin-hal")


def test_every_bundled_scenario_moves_something_and_says_what(pages):
    shown = [name for name in scenarios.names() if f"scenario {name}" in pages]
    assert len(shown) >= 2
    for name in shown:
        page = pages[f"scenario {name}"]
        assert scenarios.load(name).title in page
        assert "Unchanged:" in " ".join(page.split()) or name in (
            "ai-cools",
            "hashprice-30",
            "hashrate-leaves",
            "bitcoin-30",
            "bitcoin-half",
        )
        assert any(line.rstrip().endswith("%") for line in page.splitlines())


def test_a_users_own_scenario_runs_and_a_wrong_one_is_told(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[market]\nbitcoin = 2.0\n')
    assert "Hashprice $41.2 to $82.5" in run("scenario", "run", str(path), *JANUARY).output
    path.write_text('title = "Mine"\n[market]\nbitcoin = "up"\n[set]\ncap_rate = 1\n')
    with pytest.raises(AssumptionsError) as caught:
        scenarios.load(str(path))
    assert "mine.toml:3: market.bitcoin 'up': expected a number from 0 to 100" in str(caught.value)
    assert len(caught.value.problems) == 2


def test_csv_and_json_hold_the_figures_of_the_page(tmp_path):
    for suffix in ("csv", "json"):
        out = tmp_path / f"nav.{suffix}"
        assert run("nav", *JANUARY, "--out", str(out)).exit_code == 0
    rows = {row["ticker"]: row for row in csv.DictReader(io.StringIO((tmp_path / "nav.csv").read_text()))}
    told = json.loads((tmp_path / "nav.json").read_text())
    listed = {row["ticker"]: row for row in told["nav"]}
    assert told["simulation"]["draws"] == 10_000
    assert "Google guarantees 47%" in " ".join(told["caveats"]["CIFR"])
    assert rows["CIFR"]["nav_cap_rate_usd_status"] == "proxy"
    assert (tmp_path / "nav_draws.csv").exists()
    expected = of(january().nav.table, "CIFR")
    for name in ("nav_dcf_usd", "nav_cap_rate_usd", "contract_taxes_usd", "first_deal_mw"):
        assert float(rows["CIFR"][name]) == pytest.approx(expected[name])
    assert told["headline"] == told["simulation"]["value"] == "nav_dcf"
    raised = {row["ticker"]: row for row in csv.DictReader(io.StringIO((tmp_path / "nav_funding.csv").read_text()))}
    assert float(raised["CIFR"]["funding_gap_usd"]) >= 0
    assert (tmp_path / "nav_maturities.csv").exists()
    assert listed["CIFR"]["nav_cap_rate_usd"] == pytest.approx(float(rows["CIFR"]["nav_cap_rate_usd"]))
    assert rows["CRWV"]["nav_cap_rate_usd"] == ""
    assert listed["CRWV"]["nav_cap_rate_usd"] is None
    assert run("nav", *JANUARY, "--format", "pdf").exit_code == 2


def test_years_of_one_company_go_to_a_file(tmp_path):
    out = tmp_path / "hut.csv"
    assert run("contracts", "hut", *JANUARY, "--out", str(out)).exit_code == 0
    years = pd.read_csv(out)
    assert set(years["ticker"]) == {"HUT"}
    river = years[years["contract_id"] == "HUT-FLUIDSTACK-202512"]
    assert river["revenue_usd"].sum() == pytest.approx(7e9)


def test_assumptions_reach_every_page_and_are_listed(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("probability_approved = 0.0\nnet_restricted_cash = false\n")
    page = run("nav", "CIFR", *JANUARY, "--assumptions", str(path)).output
    assert "Assumptions of mine.toml: 2 numbers differ from the defaults:" in page
    assert "Net restricted cash (yes/no): no, default yes" in page
    total = next(line for line in page.splitlines() if line.strip().startswith("Net asset value "))
    # Less approved power of 1,104 MW at 25% (no first deal: leases are signed) and restricted cash.
    base = of(january().nav.table, "CIFR")
    approved = 1_104 * 0.25 * 8.5e6 / 1.3 * 1.11**-3.25
    assert base["approved_power_usd"] == pytest.approx(approved)
    expected = (base["nav_dcf_usd"] - approved - np.nan_to_num(base["restricted_cash_usd"])) / 1e6
    assert float(total.split()[3].replace(",", "")) == pytest.approx(expected, abs=1)


def test_the_template_of_assumptions_is_what_a_user_edits(tmp_path):
    text = run("assumptions").output
    assert "cap_rate_hyperscaler = 0.06" in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("cap_rate_hyperscaler = 0.06", "cap_rate_hyperscaler = 0.055"))
    listed = run("assumptions", str(path)).output
    assert "1 number differs from the defaults" in listed
    assert "0.055, default 0.06" in listed


def test_a_run_with_worth_adds_the_sheets_and_lists_what_was_changed(tmp_path):
    import openpyxl

    mine = tmp_path / "mine.toml"
    mine.write_text("cap_rate_hyperscaler = 0.065\n")
    out = tmp_path / "full.xlsx"
    result = run("run", "--source", "bundled", *JANUARY, "--worth", "--assumptions", str(mine), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "Assumptions of mine.toml: 1 number differs from the defaults:" in result.output
    book = openpyxl.load_workbook(out, read_only=True)
    assert set(book.sheetnames) >= {"Backlog", "NAV", "DCF", "Funding", "Mining", "Scenarios", "Sensitivity"}


def test_help_needs_nothing_heavy():
    import subprocess

    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom screener.cli import cli\n"
        "for page in (['nav'], ['contracts'], ['mining'], ['scenario', 'run'], ['assumptions'], ['run']):\n"
        "    assert CliRunner().invoke(cli, [*page, '--help']).exit_code == 0\n"
        "print(sorted({'numpy', 'pandas', 'scipy', 'openpyxl', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
