"""Loading and checking universes: faults are told with file and line, all at once; what is clean loads."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener import universes
from screener.cli import cli
from screener.errors import NotKnown, UniverseError
from screener.universes.new import create
from screener.universes.schema import FILES, NUMBER, Column

FACTS = [
    "ticker,item,period_end,published_on,value,unit,source_url,evidence,confidence",
    "AAA,cash,2025-09-30,2025-11-01,100,usd,https://example.com/a,text,high",
    "AAA,debt_total,2025-09-30,2025-11-01,50,usd,https://example.com/a,text,high",
    "BBB,cash,2025-09-30,2025-11-01,70,usd,https://example.com/b,text,medium",
]
CAPACITY = [FACTS[0], "AAA,mw_operating,2025-09-30,2025-11-01,120,mw,https://example.com/a,text,high"]
COMPANIES = ["ticker,name,role,consolidated_by,ev_meaningful,parent_share,former_names,former_tickers,cik,exchange,"
             "hq_country,fiscal_year_end,reporting_currency,description,source_url",
             "AAA,Alpha,miner,,yes,,,,,,,,USD,,", "BBB,Beta,miner,AAA,yes,0.6,,,,,,,USD,,"]  # fmt: skip
PRICES = ["date,ticker,close_usd", "2025-11-07,AAA,10.5", "2025-11-07,BBB,3.25", "2025-11-07,SPY,600"]
TOML = 'title = "Two"\n[benchmarks]\nmarket = "SPY"\n'


def folder(path: Path, **changes: list[str] | bytes) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    files = {"financials": FACTS, "capacity": CAPACITY, "companies": COMPANIES, "prices": PRICES} | changes
    for name, content in files.items():
        data = content if isinstance(content, bytes) else ("\n".join(content) + "\n").encode()
        (path / f"{name}.csv").write_bytes(data)
    (path / "universe.toml").write_text(TOML)
    return path


def places(path: Path) -> set[tuple[str, int | None, str]]:
    return {(p.file, p.line, p.column) for p in universes.check(path)}


def test_ten_faults_in_one_folder_are_all_told_with_file_and_line(tmp_path):
    facts = [*FACTS,
             "AAA,cash,2025-12-31,2026-02-01,1.2bn,usd,https://example.com/a,letters,high",  # 5
             "AAA,cash,31.03.2026,2026-05-01,120,usd,https://example.com/a,date form,high",  # 6
             "CCC,cash,2025-12-31,2026-02-01,5,usd,https://example.com/a,unknown ticker,high",  # 7
             "BBB,cash,2025-12-31,2025-12-01,5,usd,https://example.com/a,published before,high",  # 8
             "BBB,cash,2025-09-30,2025-11-01,71,usd,https://example.com/b,duplicate,high"]  # 9  # fmt: skip
    capacity = [*CAPACITY,
                "AAA,mw_secured,2025-09-30,2025-11-01,-5,mw,https://example.com/a,negative,high",  # 3
                "AAA,mw_pipeline,2025-09-30,2025-11-01,5,usd,https://example.com/a,wrong unit,high"]  # 4  # fmt: skip
    broken = folder(
        tmp_path / "broken",
        financials=facts,
        capacity=capacity,
        contracts=[",".join(c for c in FILES["contracts.csv"].columns if c != "announced_on")],
        events=b"ticker,date,kind,headline,source_url\nAAA,2025-01-01,strategy,caf\xe9,https://example.com\n",
        splits=b"",
    )
    assert {
        ("contracts.csv", 1, "announced_on"),
        ("financials.csv", 5, "value"),
        ("financials.csv", 6, "period_end"),
        ("financials.csv", 7, "ticker"),
        ("financials.csv", 8, "published_on"),
        ("financials.csv", 9, "ticker"),
        ("capacity.csv", 3, "value"),
        ("capacity.csv", 4, "unit"),
        ("events.csv", 2, ""),
        ("splits.csv", 1, ""),
    } == places(broken)
    told = CliRunner().invoke(cli, ["universe", "check", str(broken)])
    assert told.exit_code == 2
    assert "financials.csv:5: value '1.2bn': expected a number" in told.output
    assert "events.csv:2: 'byte 0xe9': expected UTF-8" in told.output
    assert "10 problems" in told.output
    with pytest.raises(UniverseError, match="10 problems") as caught:
        universes.load(broken)
    assert len(caught.value.problems) == 10


def test_bundled_universe_is_clean_and_typed():
    assert universes.check("miners") == []
    miners = universes.load("miners")
    assert len(miners.companies) == 22
    assert miners.facts["published_on"].dtype.kind == "M"
    assert miners.facts["value"].dtype == float
    riot = miners.facts[(miners.facts["ticker"] == "RIOT") & (miners.facts["item"] == "shares_outstanding")]
    cover = riot[riot["value"] == 371_807_186].iloc[0]
    text = (universes.HOME / "miners" / "financials.csv").read_text().split("\n")
    assert text[cover["line"] - 1].startswith("RIOT,shares_outstanding,2025-10-29,2025-10-30,371807186")


def test_clean_folder_with_benchmark_prices_loads(tmp_path):
    two = universes.load(folder(tmp_path / "two"))
    assert two.title == "Two"
    assert two.contracts.empty
    assert two.companies["ev_meaningful"].tolist() == [True, True]
    assert set(two.hashes) == {"companies.csv", "financials.csv", "capacity.csv", "prices.csv", "universe.toml"}


def test_new_folder_checks_clean_and_is_not_overwritten(tmp_path):
    create(tmp_path / "mine")
    assert universes.check(tmp_path / "mine") == []
    with pytest.raises(UniverseError, match="exists and is not empty"):
        create(tmp_path / "mine")


def test_comments_quoted_newlines_byte_order_mark_and_windows_lines_keep_the_count(tmp_path):
    lines = [
        "# a comment",
        *FACTS[:2],
        'AAA,btc_held,2025-09-30,2025-11-01,5,btc,https://example.com/a,"two',
        'lines",high',
    ]
    lines += ["BBB,cash,2025-09-30,2025-11-01,x,usd,https://example.com/b,text,medium"]
    content = b"\xef\xbb\xbf" + ("\r\n".join(lines) + "\r\n").encode()
    assert places(folder(tmp_path / "a", financials=content)) == {("financials.csv", 6, "value")}


def test_a_row_with_too_many_fields_is_told_and_the_others_stand(tmp_path):
    path = folder(tmp_path / "a", prices=[*PRICES, "2025-11-14,AAA,1,100", "2025-11-14,BBB,3"])
    assert [(p.file, p.line, p.expected) for p in universes.check(path)] == [
        ("prices.csv", 5, "3 fields as in the header, there are 4")
    ]


def test_a_misspelt_column_is_told_with_the_nearest_name(tmp_path):
    path = folder(tmp_path / "a", prices=["date,ticker,close_us", "2025-11-07,AAA,10.5"])
    assert "close_usd: expected a column of this name; the file has close_us" in str(universes.check(path)[0])


def test_missing_required_file_and_missing_settings_are_told(tmp_path):
    path = folder(tmp_path / "a")
    (path / "prices.csv").unlink()
    (path / "universe.toml").unlink()
    assert {p.file for p in universes.check(path)} == {"prices.csv", "universe.toml"}


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(NotKnown, match="miners"):
        universes.load("mineers")


CELLS = [(name, row, column) for name, rows in (("financials", FACTS), ("capacity", CAPACITY), ("prices", PRICES))
         for row in range(1, len(rows)) for column in range(len(rows[0].split(",")))]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CELLS), st.sampled_from(["abc", "-1", "2025-13-40", "2025-1-5", "1,5", "inf", "nan", ""]))
def test_a_corrupted_cell_is_told_at_its_line_or_is_still_valid(tmp_path, place, junk):
    name, row, column = place
    rows = {"financials": FACTS, "capacity": CAPACITY, "prices": PRICES}[name]
    header = rows[0].split(",")
    cells = rows[row].split(",")
    changed = [*rows]
    changed[row] = ",".join([*cells[:column], f'"{junk}"', *cells[column + 1 :]])
    shutil.rmtree(tmp_path / "u", ignore_errors=True)
    told = places(folder(tmp_path / "u", **{name: changed}))
    if header[column] == "evidence" or (header[column] == "source_url" and junk):
        assert told == set()
    else:
        assert (f"{name}.csv", row + 1, header[column]) in told
        assert all(file == f"{name}.csv" and line == row + 1 for file, line, _ in told)


def test_list_and_show_fit_80_columns():
    for arguments in (["universe", "list"], ["universe", "show", "miners"]):
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0
        assert max(map(len, result.output.splitlines())) <= 80
        assert "bitcoin miners" in result.output


def test_frames_keep_their_types_when_empty(tmp_path):
    two = universes.load(folder(tmp_path / "two"))
    assert two.transactions["date"].dtype.kind == "M"
    assert two.instruments["principal_usd"].dtype == float
    assert isinstance(two.facts, pd.DataFrame)


def test_an_unclosed_quote_does_not_swallow_rows_in_silence(tmp_path):
    rows = [*FACTS]
    rows[2] = rows[2].replace(",text,high", ',"text,high')
    assert any(line in (3, 4) for _, line, _ in places(folder(tmp_path / "a", financials=rows)))


def test_a_doubled_column_and_a_short_row_are_told(tmp_path):
    assert ("prices.csv", 1, "date") in places(
        folder(tmp_path / "a", prices=["date,ticker,close_usd,date", "2025-11-07,AAA,10.5,2025-11-07"])
    )
    assert ("financials.csv", 5, "") in places(folder(tmp_path / "b", financials=[*FACTS, "AAA,cash,2025-12-31"]))


@pytest.mark.parametrize("day", ["0205-01-01", "3000-01-01"])
def test_a_year_outside_the_calendar_of_timestamps_is_a_problem_not_a_crash(tmp_path, day):
    told = places(folder(tmp_path / "a", prices=[*PRICES, f"{day},AAA,1"]))
    assert ("prices.csv", 5, "date") in told


@pytest.mark.parametrize(
    "settings_", ["[defaults]\nnonsense = 1\n", '[groups]\nrule = "rich"\n', "[default]\nseed = 1\n"]
)
def test_settings_that_would_fail_later_are_told_on_load(tmp_path, settings_):
    path = folder(tmp_path / "a")
    (path / "universe.toml").write_text('title = "Two"\n[benchmarks]\nmarket = "SPY"\n' + settings_)
    assert {file for file, _, _ in places(path)} == {"universe.toml"}


def test_a_universe_file_is_checked_as_a_whole_with_lines_and_nearest_names(tmp_path):
    path = folder(tmp_path / "a", prices=PRICES[:3])
    (path / "universe.toml").write_text(
        'title = ""\n[group]\nrule = "share20"\n[groups]\nrule = "share21"\n[benchmarks]\nmarket = 3\n'
        '[defaults]\ncap_rate_exti = 0.08\ndelay_years = 99\nseed = "x"\n[alerts]\ngap_bant = [2, 5]\nwebhook = "never"\n'
    )
    rules = "share20, signed, mw25, share50, trailing10"
    assert [str(problem) for problem in universes.check(path)] == [
        "universe.toml:1: title: expected a text",
        "universe.toml:2: group: expected one of title, from, tickers, comparables, groups, sector, benchmarks, "
        "defaults, alerts; did you mean groups?",
        f"universe.toml:5: groups.rule 'share21': expected one of {rules}; did you mean share20?",
        "universe.toml:7: benchmarks.market '3': expected a ticker in quotes, e.g. \"SPY\"",
        "universe.toml:9: defaults.cap_rate_exti '0.08': expected the name of an assumption "
        "(see `screener assumptions`); did you mean cap_rate_exit?",
        "universe.toml:10: defaults.delay_years '99': expected a number (years) from 0 to 10",
        "universe.toml:11: defaults.seed 'x': expected a whole number (seed) from 0 to 9.22337e+18",
        "universe.toml:13: alerts.gap_bant: expected one of gap_band, ev_per_mw_move, group_change, goes_stale, "
        "run_fails, proposals_wait_days, exit_code, webhook, email; did you mean gap_band?",
        "universe.toml:14: alerts.webhook 'never': expected one of always, alerts; "
        "the address itself is SCREENER_WEBHOOK_URL",
    ]


@pytest.mark.parametrize("section", ["groups", "benchmarks", "defaults", "alerts"])
def test_a_value_in_place_of_a_section_is_a_problem_and_no_crash(tmp_path, section):
    path = folder(tmp_path / "a", prices=PRICES[:3])
    (path / "universe.toml").write_text(f'title = "Two"\n{section} = 3\n')
    assert [str(problem) for problem in universes.check(path)] == [
        f"universe.toml:2: {section} '3': expected a section, [{section}]"
    ]


def test_a_folder_made_before_an_optional_column_existed_stays_clean(tmp_path, monkeypatch):
    path = folder(tmp_path / "a")
    file = FILES["prices.csv"]
    more = replace(file, columns=file.columns | {"volume": Column(NUMBER, about="shares traded")})
    monkeypatch.setitem(FILES, "prices.csv", more)
    assert universes.check(path) == []
    loaded = universes.load(path)
    assert loaded.notes == []
    assert loaded.prices["volume"].dtype == float
    assert loaded.prices["volume"].isna().all()
    monkeypatch.setitem(FILES, "prices.csv", replace(more, columns=more.columns | {"day": Column(required=True)}))
    assert [str(problem) for problem in universes.check(path)] == ["prices.csv:1: day: expected a column of this name"]


def test_required_columns_alone_are_enough(tmp_path):
    rows = {
        name: [",".join(name for name, column in FILES[f"{name}.csv"].columns.items() if column.required)]
        for name in ("contracts", "instruments", "transactions", "sites", "events", "splits")
    }
    rows["contracts"].append("C1,AAA,2025-01-01,hosting,https://example.com")
    rows["sites"].append("AAA,Here")
    two = universes.load(folder(tmp_path / "a", **rows))
    assert two.contracts["start_on"].dtype.kind == "M"
    assert two.contracts["term_years"].dtype == float
    assert two.sites["gross_mw"].isna().all()


def test_an_unknown_column_is_a_note_with_the_nearest_name_and_no_problem(tmp_path):
    sites = ["ticker,site,gross_mww,our rating", "AAA,Here,120,good"]
    path = folder(tmp_path / "a", sites=sites)
    found = CliRunner().invoke(cli, ["universe", "check", str(path)])
    assert found.exit_code == 0
    said = [line for line in found.output.splitlines() if not line.startswith(("warning: ", "n/a: "))]
    assert said[:-1] == [
        "note: sites.csv:1: gross_mww: unknown column, not used; did you mean gross_mw?",
        "note: sites.csv:1: our rating: unknown column, not used",
    ]
    assert said[-1].startswith("a: no problems, 2 notes, ")
    assert len(universes.load(path).notes) == 2


def test_the_nearest_name_is_given_for_many_misspelt_names_and_each_problem_is_listed(tmp_path):
    rows = [f"AA{n},cash,2025-09-30,2025-11-01,1,usd,https://example.com,text,high" for n in range(300)]
    problems = universes.check(folder(tmp_path / "a", financials=[*FACTS, *rows]))
    assert len(problems) == 300
    assert problems[0].expected == "a ticker of companies.csv; did you mean AAA?"
    assert problems[-1].expected == "a ticker of companies.csv"


def test_a_file_under_another_name_is_noted_with_the_nearest(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(universes.HOME / "miners", folder)
    (folder / "contracts.csv").rename(folder / "contract.csv")
    loaded, _ = universes.examine(folder)
    (note,) = [str(note) for note in loaded.notes]
    assert note.startswith("contract.csv: unknown file, not used")
    assert "contracts.csv" in note.partition(":")[2]


CONTRACTS = [
    "contract_id,ticker,announced_on,counterparty,kind,critical_it_mw,term_years,total_value_usd,owner_share_pct,start_on,"
    "source_url,evidence,status",
    "AAA-ONE,AAA,2025-06-02,Tenant,colocation_lease,100,15,7e9,100,2026-01-31,https://example.com/a,text,construction",
    "AAA-BOOKED-1,AAA,2025-07-02,Other,colocation_lease,50,15,3e9,100,2026-01-31,https://example.com/a,text,construction",
]  # fmt: skip
PHASES = ["contract_id,date,critical_it_mw,status,published_on,source_url,evidence,confidence"]
TERMS = ["contract_id,column,value,published_on,source_url,evidence"]
FROM = "https://example.com/a,text"


def test_phases_name_a_contract_known_by_then_and_deliveries_are_past(tmp_path):
    rows = [
        *PHASES,
        f"AAA-ONE,2026-01-31,60,planned,2025-06-02,{FROM},high",
        f"AAA-ONE,2026-06-30,40,planned,2025-06-02,{FROM}b,high",
        f"AAA-BOOKED-BOOK,2026-03-31,50,planned,2025-07-02,{FROM},high",
        f"AAA-NONE,2026-01-31,60,planned,2025-06-02,{FROM},high",  # 5
        f"AAA-ONE,2026-01-31,60,planned,2025-06-01,{FROM},high",  # 6
        f"AAA-ONE,2026-01-31,0,planned,2025-08-02,{FROM},high",  # 7
        f"AAA-ONE,2026-01-31,60,delivered,2026-01-30,{FROM},high",  # 8
        f"AAA-ONE,2026-01-31,60,finished,2026-02-01,{FROM},high",  # 9
        f"AAA-BOOKED-BOOK,2026-03-31,50,planned,2025-07-01,{FROM},high",  # 10
        f"ZZZ-BOOK,2026-03-31,50,planned,2025-07-03,{FROM},high",  # 11
    ]
    broken = folder(tmp_path / "phases", contracts=CONTRACTS, phases=rows)
    assert places(broken) == {
        ("phases.csv", 5, "contract_id"), ("phases.csv", 6, "published_on"), ("phases.csv", 7, "critical_it_mw"),
        ("phases.csv", 8, "date"), ("phases.csv", 9, "status"), ("phases.csv", 10, "published_on"),
        ("phases.csv", 11, "contract_id"),
    }  # fmt: skip
    assert universes.check(folder(tmp_path / "clean", contracts=CONTRACTS, phases=rows[:4])) == []


def test_terms_change_a_column_that_exists_to_a_value_of_its_kind(tmp_path):
    rows = [
        *TERMS,
        f"AAA-ONE,start_on,2026-03-31,2025-12-01,{FROM}",
        f"AAA-ONE,escalator_pct,3,2025-12-01,{FROM}",
        f"AAA-ONE,kind,gpu_cloud,2025-12-01,{FROM}",
        f"AAA-NONE,start_on,2026-03-31,2025-12-01,{FROM}",  # 5
        f"AAA-ONE,strat_on,2026-03-31,2025-12-01,{FROM}",  # 6
        f"AAA-ONE,announced_on,2025-03-31,2025-12-01,{FROM}",  # 7
        f"AAA-ONE,end_on,31.03.2026,2025-12-01,{FROM}",  # 8
        f"AAA-ONE,owner_share_pct,half,2025-12-01,{FROM}",  # 9
        f"AAA-ONE,owner_share_pct,101,2025-12-02,{FROM}",  # 10
        f"AAA-ONE,kind,lease,2025-12-02,{FROM}",  # 11
    ]
    broken = folder(tmp_path / "terms", contracts=CONTRACTS, contract_terms=rows)
    found = universes.check(broken)
    assert {(p.line, p.column) for p in found if p.file == "contract_terms.csv"} == {
        (5, "contract_id"), (6, "column"), (7, "column"), (8, "value"), (9, "value"), (10, "value"), (11, "value"),
    }  # fmt: skip
    nearest = next(p for p in found if p.line == 6)
    assert "start_on" in str(nearest)
    assert universes.check(folder(tmp_path / "clean", contracts=CONTRACTS, contract_terms=rows[:4])) == []


def test_an_instrument_without_the_terms_of_its_kind_is_told(tmp_path):
    head = "ticker,instrument,kind,issued_on,published_on,matures_year,principal_usd,quantity,price_usd,source_url,evidence"
    rows = [
        head,
        f"AAA,units,rsu,2025-01-01,2025-01-02,,,1000,,{FROM}",
        f"AAA,note,convertible,2025-01-01,2025-01-02,2030,1e6,,5,{FROM}",
        f"AAA,no units,rsu,2025-01-01,2025-01-02,,,,,{FROM}",  # 4
        f"AAA,no strike,option,2025-01-01,2025-01-02,,,10,,{FROM}",  # 5
        f"AAA,no principal,convertible,2025-01-01,2025-01-02,2030,,10,5,{FROM}",  # 6
        f"AAA,free,warrant,2025-01-01,2025-01-02,,,10,0,{FROM}",  # 7
    ]
    assert places(folder(tmp_path / "broken", instruments=rows)) == {
        ("instruments.csv", 4, "quantity"), ("instruments.csv", 5, "price_usd"), ("instruments.csv", 6, "principal_usd"),
        ("instruments.csv", 7, "price_usd"),
    }  # fmt: skip
    assert universes.check(folder(tmp_path / "clean", instruments=rows[:3])) == []


def test_a_company_file_takes_the_day_of_a_review(tmp_path):
    head, *rows = COMPANIES
    dated = [f"{head},contracts_reviewed_on", f"{rows[0]},2026-10-07", f"{rows[1]},"]
    two = universes.load(folder(tmp_path / "two", companies=dated))
    assert two.companies["contracts_reviewed_on"].tolist() == [pd.Timestamp("2026-10-07"), pd.NaT]
    dated[2] = f"{rows[1]},October"
    assert places(folder(tmp_path / "broken", companies=dated)) == {("companies.csv", 3, "contracts_reviewed_on")}


def test_no_companies_is_one_problem_not_one_a_row(tmp_path):
    assert places(folder(tmp_path / "a", companies=COMPANIES[:1])) == {("companies.csv", None, "ticker")}


def test_no_settings_is_one_problem_not_one_a_close_of_a_benchmark(tmp_path):
    path = folder(tmp_path / "a")
    (path / "universe.toml").unlink()
    assert places(path) == {("universe.toml", None, "")}
