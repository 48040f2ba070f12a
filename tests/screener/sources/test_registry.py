"""The registry of sources: which names mean a live source, and what each is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screener.errors import NotKnown
from screener.sources import registry
from screener.sources.yahoo.source import YAHOO


@pytest.fixture
def other(monkeypatch):
    """A second source beside Yahoo."""
    made = replace(YAHOO, name="other", title="Other Data", page="https://other.example/{}", packages=("other-client",))
    monkeypatch.setattr(registry, "LIVE", dict(registry.LIVE))
    registry.register(made)
    return made


def test_a_name_means_a_live_source_or_the_own_files(other):
    assert registry.choices() == ("auto", "bundled", "ledger", "yahoo", "other")
    assert (registry.find("other"), registry.find("yahoo")) == (other, YAHOO)
    assert registry.find("bundled") is None
    assert registry.find("ledger") is None
    with pytest.raises(NotKnown, match="no source 'google'; known: auto, bundled, ledger, yahoo, other"):
        registry.find("google")


def test_what_a_source_is_called_and_where_its_pages_are(other):
    assert [registry.title(name) for name in ("other", "ledger", "universe")] == [
        "Other Data",
        "the ledger",
        "universe",
    ]
    assert [registry.page(name, "RIOT") for name in ("other", "ledger")] == ["https://other.example/RIOT", ""]
    assert [registry.packages(name) for name in ("other", "bundled")] == [("other-client",), ()]
    assert "auto: Yahoo or Other Data for what" in registry.describe()


@pytest.mark.parametrize("name", ["auto", "bundled", "ledger"])
def test_a_source_has_no_name_that_means_another_thing(name):
    with pytest.raises(ValueError, match=name):
        registry.register(replace(YAHOO, name=name))


def test_the_help_says_how_long_auto_waits():
    assert "where there is no answer within 5 s" in registry.describe()
