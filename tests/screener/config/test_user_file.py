"""The user's own settings file: the contact address for the SEC beside the alerts."""

from __future__ import annotations

import pytest

from screener.config import user_file
from screener.errors import InputError, UniverseError


@pytest.fixture(autouse=True)
def _nobody(monkeypatch, tmp_path):
    monkeypatch.delenv(user_file.CONTACT, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing here"))


def test_nobody_gave_a_contact():
    assert user_file.contact() == ""


def test_the_contact_of_the_file_and_the_environment_before_it(tmp_path, monkeypatch):
    file = tmp_path / "settings.toml"
    file.write_text('[alerts]\nrun_fails = true\n[sec]\ncontact = "Ann Example ann@example.com"\n')
    assert user_file.contact(file) == "Ann Example ann@example.com"
    monkeypatch.setenv(user_file.CONTACT, "ben@example.com")
    assert user_file.contact(file) == "ben@example.com"


@pytest.mark.parametrize("wrong", ["nobody", "a@b", "a@example.com\r\nX-Other: 1", "ä@example.com", " "])
def test_what_is_no_address_is_refused_with_its_place(tmp_path, monkeypatch, wrong):
    file = tmp_path / "settings.toml"
    file.write_text('[sec]\ncontact = "' + wrong.replace("\r\n", "\\r\\n") + '"\n')
    with pytest.raises(UniverseError, match=r"settings.toml:2: sec.contact .*expected an e-mail address"):
        user_file.contact(file)
    monkeypatch.setenv(user_file.CONTACT, wrong)
    with pytest.raises(InputError, match="SCREENER_SEC_CONTACT"):
        user_file.contact(file)


def test_an_unknown_key_is_a_problem(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[sec]\nmail = "a@example.com"\n')
    with pytest.raises(UniverseError, match=r"sec\.mail"):
        user_file.contact(file)
