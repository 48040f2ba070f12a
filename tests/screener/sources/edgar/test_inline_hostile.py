"""What is no report: error pages, half files, entities, external DTDs, sizes; each a plain error, and nothing is loaded."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import EdgarFault
from screener.sources.edgar import inline
from tests.edgar_documents import REPORTS, Fact, report

GOOD = report([Fact("Cash", 5_000, "2025-06-30"), Fact("Debt", 7_000, "2025-06-30", scale=3)])
BARRED = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body><h1>Your Request "
    b"Originates from an Undeclared Automated Tool</h1><p>To allow for equitable access<br></body></html>"
)
LAUGHS = b'<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i + 1, b"&%c;" % (98 + i) * 8) for i in range(12)
)


def with_doctype(doctype: bytes, content: bytes = GOOD) -> bytes:
    return content.replace(b"?>\n", b"?>\n" + doctype + b"\n", 1)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the answer is empty"),
        (b" \n ", "the answer is empty"),
        (BARRED, "its page about too many requests or a missing User-Agent"),
        (b"<html><head><title>Page not found</title></head><body><br></html>", 'an HTML page titled "Page not found"'),
        (b"<html><head><title>Ex. 99.1</title></head><body/></html>", "there is no inline XBRL in it"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "EDGAR has no such file"),
        (b"%PDF-1.7\n%\xe2\xe3", "it is not XML and has no inline XBRL"),
        (b"\x1f\x8b\x08\x00", "it is not XML and has no inline XBRL"),
        (b'{"cik": 827876}', "it is not XML and has no inline XBRL"),
        (b"<a/>", "there is no inline XBRL in it"),
        (GOOD[: len(GOOD) // 2], "the file is cut off: it does not end with </html>"),
        (GOOD.replace(b"</table>", b""), "the file is not well-formed XML"),
        (GOOD.replace(b"SECURITIES", b"&unknown;"), "the file is not well-formed XML|cut off"),
        (b"<p>" * 300_000, "it is not XML and has no inline XBRL"),
        (GOOD.replace(b"<table>", b"<p>" * 5000 + b"<table>").replace(b"</table>", b"</table>" + b"</p>" * 5000),
         "the file is not well-formed XML"),
        (GOOD.replace(b"<table>", b"<p>" * 1000 + b"<table>").replace(b"</table>", b"</table>" + b"</p>" * 1000),
         "the file is not well-formed XML"),
        (b"<p>" + b"x" * 64_000_000 + b"</p>", "64 MB is more than the 64 MB that are read"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_in_plain_words(content, why):
    with pytest.raises(EdgarFault, match=why) as raised:
        inline.read(content, what="10-Q of CLSK")
    assert str(raised.value).startswith("10-Q of CLSK: ")
    assert "ask for it again later" in str(raised.value)


def test_no_file_is_no_report():
    with pytest.raises(EdgarFault, match="there is no inline XBRL in it"):
        inline.read([])


@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS + b"]>",
        b'<!DOCTYPE html [<!ENTITY cash "999">]>',
        b'<!DOCTYPE html [<!ENTITY file SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE html [<!ENTITY % more SYSTEM "http://127.0.0.1:9/x.dtd">]>',
    ],
)
@pytest.mark.parametrize("use", [b"5,000", b"&n;", b"&cash;", b"&file;"])
def test_entities_of_its_own_are_refused(doctype, use):
    content = with_doctype(doctype, GOOD.replace(b"5,000", use))
    with pytest.raises(EdgarFault, match=r"declares entities of its own|not well-formed"):
        inline.read(content)
    with pytest.raises(EdgarFault, match=r"declares entities of its own|not well-formed"):
        inline.read(with_doctype(doctype, GOOD).replace(b"<table>", b'<table class="' + use + b'">'))


def test_an_external_dtd_is_not_asked_for():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        address = b"http://127.0.0.1:%d/ix.dtd" % listener.getsockname()[1]
        doctype = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "' + address + b'">'
        assert inline.read(with_doctype(doctype)).facts["value"].tolist() == [5_000.0, 7_000.0]
        with pytest.raises(EdgarFault):
            inline.read(
                with_doctype(b'<!DOCTYPE html [<!ENTITY x SYSTEM "' + address + b'">]>').replace(b"5,000", b"&x;")
            )
        with pytest.raises(TimeoutError):
            listener.accept()


def test_another_encoding_is_read_and_hides_no_entity():
    text = GOOD.decode().replace("UTF-8", "UTF-16")
    assert inline.read(text.encode("utf-16")).facts["value"].tolist() == [5_000.0, 7_000.0]
    hidden = text.replace("?>\n", '?>\n<!DOCTYPE html [<!ENTITY cash "999">]>\n', 1).replace("5,000", "&cash;")
    with pytest.raises(EdgarFault, match="declares entities of its own"):
        inline.read(hidden.encode("utf-16"))


@settings(max_examples=80, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(share):
    content = REPORTS["CLSK 2025-06-30"].document()
    with pytest.raises(EdgarFault):
        inline.read(content[: int(share * len(content))])


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), piece=st.binary(max_size=3), gone=st.integers(0, 3))
def test_a_few_wrong_bytes_give_a_report_or_a_plain_error(at, piece, gone):
    try:
        document = inline.read(GOOD[:at] + piece + GOOD[at + gone :])
    except EdgarFault:
        return
    assert len(document.facts) <= 2
    assert document.facts["value"].notna().all()
