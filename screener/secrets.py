"""Secrets: read from the environment alone, and masked in whatever leaves the program.

`mask` knows two kinds. Values that this process was given (variables named like a password or a token, and addresses
with a password, in the environment or among the arguments) are found in every spelling. Whatever else looks like a
secret in a text is found by its place: `user:password@host`, `password=...`, `Authorization: ...`, a webhook's path.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

DATABASE_URL = "SCREENER_DATABASE_URL"
SMTP_PASSWORD = "SCREENER_SMTP_PASSWORD"
WEBHOOK_URL = "SCREENER_WEBHOOK_URL"
WEBHOOK_TOKEN = "SCREENER_WEBHOOK_TOKEN"
NAMES = (DATABASE_URL, SMTP_PASSWORD, WEBHOOK_URL, WEBHOOK_TOKEN)
STRUCK = "***"

# Names of variables whose whole value is a secret. PWD is a folder, and *_FILE names a file.
_SECRET_NAME = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRETS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|WEBHOOK)(?![A-Z])"
    r"|(?:^|_)(?:PASS|PWD|PW|AUTH)$",
    re.IGNORECASE,
)
_NO_SECRET_NAME = re.compile(r"(?:^|_)(?:FILE|PATH|DIR|SOCK|EXPIRES|TIMEOUT)$|^(?:OLD)?PWD$", re.IGNORECASE)
# Values of such variables that are switches, and would strike out half of every sentence.
_NO_SECRET = {"true", "false", "yes", "no", "none", "null", "on", "off", "auto"}
# Shorter ones are struck out by their place alone: "a" stands in every sentence.
_LEAST = 4
# Parts of a webhook's path that may be its secret.
_PART = 8
# A secret made of letters alone is struck out as a whole word: "postgres" is no part of "postgresql".
_WORD = 12

_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:/{1,3}|//)", re.IGNORECASE)
_URL = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*:/{1,3}|//)(?P<info>\S*)@", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.%+-])(?!mailto:)(?!\w:[\\/])(?P<user>[\w.%+-]+):(?!//)(?P<password>\S+)@(?=[\w.\[-])")
_ENCODED = re.compile(r"(%3A%2F%2F[^\s&]*?%3A)[^\s&]*(%40)", re.IGNORECASE)
_KEYS = (
    r"[\w-]*(?:password|passwd|passphrase|token|secret|(?:api|access|private|account)[_-]?key)"
    r"|(?:ssl)?pass|pwd|pw|sig|signature|credentials?|auth"
)
_VALUE = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|''|[^'\\])*'|(?:\\.|[^\s&\\])+"
_KEYED = re.compile(
    rf"(?<![A-Za-z0-9])(?P<key>[\"']?(?:{_KEYS})[\"']?\s*(?:=|%3D|:(?=\s*[\"']))\s*)(?P<secret>{_VALUE})", re.IGNORECASE
)
# What a server is started with may hold anything; a query's `key` is one, a sentence's is not.
_QUERY = re.compile(
    r"(?P<key>[?&](?:options|key|code)=|\boptions\s*=\s*(?=['\"]))(?P<secret>" + _VALUE + ")", re.IGNORECASE
)
_HEADER = re.compile(
    r"(?P<key>authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?|\bbearer\s+(?=\S*[\d._-]))(?P<secret>[^\s\"']{3,})",
    re.IGNORECASE,
)
_HOOK = re.compile(r"(?P<host>https?://[^\s/?#\"'<>]+)(?P<path>[/?#][^\s\"'<>]+)", re.IGNORECASE)
_HOOK_HOSTS = re.compile(
    r"hook|discord(?:app)?\.com|api\.telegram\.org|logic\.azure|ntfy\.sh|chat\.googleapis\.com", re.IGNORECASE
)
_TOKENS = re.compile(
    r"\bxox[a-z]-[\w-]{8,}|\bgh[oprsu]_\w{16,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bsk-[\w-]{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=/)services/T\w+/B\w+/\w+|\b\d{8,10}:AA[\w-]{30,}"
)


def get(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """A secret, empty where it is not set."""
    return environment.get(name, "")


def mask(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text with every secret masked: those this process was given, and what stands where secrets stand."""
    given = _finder(tuple(environment.items()), tuple(sys.argv[1:]))
    if given is not None:
        text = given.sub(STRUCK, text)
    return _by_place(text)


def mask_all(content: Any) -> Any:
    """Texts of nested lists and dicts masked, other values as they are."""
    if isinstance(content, str):
        return mask(content)
    if isinstance(content, Mapping):
        return {mask_all(key): mask_all(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [mask_all(value) for value in content]
    return content


def holds_secret(text: str) -> bool:
    """Whether a text, such as an argument, holds a password or a token."""
    return bool(set(_of_address(text))) or _by_place(text) != text


def _by_place(text: str) -> str:
    """The text with what stands in a secret's place masked; nothing need be known of the secret."""
    text = _TOKENS.sub(STRUCK, text)
    if ":" in text or "//" in text:
        text = _HOOK.sub(_without_path, text)
        text = _URL.sub(_without_password, text)
        text = _BARE.sub(lambda found: f"{found['user']}:{STRUCK}@", text)
    if "%" in text:
        text = _ENCODED.sub(rf"\1{STRUCK}\2", text)
    for pattern in (_HEADER, _KEYED, _QUERY):
        text = pattern.sub(_without_value, text)
    return text


def _without_password(found: re.Match[str]) -> str:
    head, info = found["head"], found["info"]
    user, colon, _ = info.partition(":")
    if colon and not set(user) & set("/?#"):
        return f"{head}{user}:{STRUCK}@"
    # Alone before the @ of a web address stands a token; of a database's, a name.
    token = not colon and not set(info) & set("/?#") and head.lower().startswith(("http", "ftp"))
    return f"{head}{STRUCK}@" if token and info else found[0]


def _without_path(found: re.Match[str]) -> str:
    secret = _HOOK_HOSTS.search(found["host"]) or "hook" in found["path"].lower()
    return f"{found['host']}/{STRUCK}" if secret else found[0]


def _without_value(found: re.Match[str]) -> str:
    value = found["secret"]
    quote = value[0] if value[0] in "\"'" and len(value) > 1 and value[-1] == value[0] else ""
    return f"{found['key']}{quote}{STRUCK}{quote}"


def _given(environment: Mapping[str, str], arguments: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Secrets of the environment and the arguments, each with whether it stood in an address."""
    for name, value in environment.items():
        if name == WEBHOOK_URL or (
            name != DATABASE_URL and _SECRET_NAME.search(name) and not _NO_SECRET_NAME.search(name)
        ):
            if value.lower() not in _NO_SECRET:
                yield value, False
            # A library or a server names the path alone, or a part of it; whoever knows it can post.
            path = value.partition("://")[2].partition("/")[2]
            yield from ((part, False) for part in (f"/{path}", *re.split(r"[/?&=]", path)) if len(part) >= _PART)
        yield from ((secret, True) for secret in _of_address(value))
    for argument in arguments:
        yield from ((secret, True) for secret in _of_address(argument))


def _of_address(text: str) -> Iterator[str]:
    """The passwords of an address, of a query or of a line of keywords; the whole text is one value, blanks included."""
    if not any(mark in text for mark in "@=") or "\n" in text.strip():
        return
    if text.startswith("--"):
        text = text.partition("=")[2]
    head = _ADDRESS.match(text)
    if head or _BARE.match(text):
        info, at, host = text[head.end() if head else 0 :].rpartition("@")
        user, colon, password = info.partition(":")
        if at and colon and password and not set(user) & set("/?#"):
            yield password
            # A parser that ends the password too early puts the rest before the host.
            for place in range(password.count("@")):
                rest = password.split("@", place + 1)[-1]
                yield f"{rest}@{re.split('[/?#:]', host)[0]}"
            if password.partition("@")[0] != password:
                yield f"{user}:{password.partition('@')[0]}@"
        elif at and info and not colon and head and head[0].lower().lstrip().startswith("http"):
            yield info if not set(info) & set("/?#") else ""
    for pattern in (_KEYED, _QUERY):
        for found in pattern.finditer(text):
            yield found["secret"].strip("\"'")


@functools.lru_cache(maxsize=64)
def _finder(environment: tuple[tuple[str, str], ...], arguments: tuple[str, ...]) -> re.Pattern[str] | None:
    """What finds each secret in every spelling, the longest first; None where there is none."""
    spellings: set[str] = set()
    for secret, in_address in _given(dict(environment), arguments):
        spellings |= _spellings(secret)
        if in_address:  # and where a parser cut it at a character that should have been encoded
            for part in re.split(r"[@/?#:\s]", secret):
                spellings |= _spellings(part, least=_LEAST - 1)
    if not spellings:
        return None
    return re.compile("|".join(map(_exactly, sorted(spellings, key=lambda one: (-len(one), one)))), re.IGNORECASE)


def _spellings(secret: str, least: int = _LEAST) -> set[str]:
    """A secret as programs write it: plain, percent-encoded and decoded, escaped, quoted, in base64."""
    from base64 import b64encode
    from html import escape
    from json import dumps
    from shlex import quote as shell
    from urllib.parse import quote, quote_plus, unquote, unquote_plus

    found: set[str] = set()
    for plain in {secret, unquote(secret), unquote_plus(secret)}:
        clean = plain.encode(errors="surrogateescape")
        found |= {
            plain, plain.strip(), repr(plain)[1:-1], dumps(plain)[1:-1], dumps(plain, ensure_ascii=False)[1:-1],
            escape(plain), escape(plain, quote=False), shell(plain).strip("'"),
            quote(clean), quote(clean, safe=""), quote_plus(clean), quote(quote(clean, safe="")),
            plain.replace("\\", "\\\\").replace("'", "\\'"), plain.replace("'", "''"),
            b64encode(clean).decode().rstrip("="),
        }  # fmt: skip
    return {one for one in found if len(one) >= least and one.lower() not in _NO_SECRET}


def _exactly(spelling: str) -> str:
    """A pattern of one spelling: short or of letters alone it is a word, beside which an escape may stand."""
    if len(spelling) > _LEAST and (not spelling.isalpha() or len(spelling) >= _WORD):
        return re.escape(spelling)
    before = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtv]))"
    return rf"{before}{re.escape(spelling)}(?![A-Za-z0-9])"
