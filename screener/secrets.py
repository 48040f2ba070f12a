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
# Values of such variables that are switches: masked, they would take words out of every sentence.
_NO_SECRET = {"true", "false", "yes", "no", "none", "null", "on", "off", "auto"}
# Shorter ones are masked by their place alone: "a" stands in every sentence.
_LEAST = 4
# Parts of a webhook's path that may be its secret.
_PART = 8
# A shorter secret made of letters alone is masked as a whole word: "postgres" is no part of "postgresql".
_WORD = 12

# Of words without a blank; every repetition is bounded or begins at a mark, so that a long text costs no more than its
# length.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,30}:/{1,3}|//", re.IGNORECASE)
_USER = re.compile(r"(?<![\w.%+-])(?!mailto:)(?!\w:[\\/])[\w.%+-]{1,4096}:(?!//|\s)")
_WORD_WITH_AT = re.compile(r"\S+")
_KEYS = (
    r"[\w-]{0,60}(?:password|passwd|passphrase|token|secret|(?:api|access|private|account)[_-]?key)"
    r"|(?:ssl)?pass|pwd|pw|sig|signature|credentials?|auth"
)
_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|''|[^'\\])*'"
# To the end of the word, of which a part may be quoted; in a query, to the next key.
_VALUE = rf"(?:{_QUOTED}|\\.|[^\s&\\])+"
_KEYED = re.compile(
    rf"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{{2}}))(?P<key>[\"']?(?:{_KEYS})[\"']?\s*)"
    rf"(?:(?P<mark>(?:=|%3D)\s*)(?P<secret>{_VALUE})|(?P<colon>:\s*)(?P<quoted>{_QUOTED}))",
    re.IGNORECASE,
)
# What a server is started with may hold anything; a query's `key` is one, a sentence's is not.
_QUERY = re.compile(
    r"(?P<key>[?&](?:options|key|code)=|\boptions\s*=\s*(?=['\"]))(?P<secret>" + _VALUE + ")", re.IGNORECASE
)
_HEADER = re.compile(
    r"(?P<key>authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?|\bbearer\s+(?=\S*[\d._-]))(?P<secret>[^\s\"']{3,})",
    re.IGNORECASE,
)
_HOOK = re.compile(r"(?P<host>https?://[^\s/?#\"'<>]{1,300})(?P<path>[/?#][^\s\"'<>]+)", re.IGNORECASE)
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
    if "//" in text:
        text = _HOOK.sub(_without_path, text)
    if "@" in text or "%40" in text:
        text = _WORD_WITH_AT.sub(lambda found: _without_password(found[0]), text)
    for pattern in (_HEADER, _KEYED, _QUERY):
        text = pattern.sub(_without_value, text)
    return text


def _without_password(word: str) -> str:
    """A word without the password of the address in it, which ends at the last @."""
    lower = word.lower()
    scheme, colon, at = lower.find("%3a%2f%2f"), 0, lower.rfind("%40")
    if scheme >= 0 and (colon := lower.find("%3a", scheme + 9)) >= 0 and colon < at:
        word = f"{word[: colon + 3]}{STRUCK}{word[at:]}"
    info, sign, host = word.rpartition("@")
    if not sign:
        return word
    span = _password_in(info)
    return word if span is None else f"{info[: span[0]]}{STRUCK}@{host}"


def _password_in(info: str) -> tuple[int, str] | None:
    """The start of the password in what stands before an address's last @, and the password; None where there is none."""
    head = _SCHEME.search(info)
    if head is not None:
        if not head[0].endswith("//"):  # one slash: of an address, or the first character of a password
            return head.end(), info[head.end() :]
        user, colon, password = info[head.end() :].partition(":")
        plain = not set(user) & set("/?#")
        if colon and plain:
            return head.end() + len(user) + 1, password
        # Alone before the @ of an address stands a token; of a database's or a shell's, a name.
        if user and plain and not head[0].lower().startswith(("postgres", "ssh", "git", "//")):
            return head.end(), user
    bare = _USER.search(info)
    return None if bare is None or bare.end() == len(info) else (bare.end(), info[bare.end() :])


def _without_path(found: re.Match[str]) -> str:
    secret = _HOOK_HOSTS.search(found["host"]) or "hook" in found["path"].lower()
    return f"{found['host']}/{STRUCK}" if secret else found[0]


def _without_value(found: re.Match[str]) -> str:
    parts, value = found.groupdict(), _value_of(found)
    quote = value[0] if re.fullmatch(_QUOTED, value) else ""
    return f"{parts['key']}{parts.get('mark') or parts.get('colon') or ''}{quote}{STRUCK}{quote}"


def _value_of(found: re.Match[str]) -> str:
    return found["secret"] or found.groupdict().get("quoted") or ""


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
    info, at, host = text.rpartition("@")
    span = _password_in(info) if at else None
    if span is not None and span[1]:
        begin, password = span
        yield password
        # A parser that ends the password too early puts the rest before the host.
        for place in range(password.count("@")):
            yield f"{password.split('@', place + 1)[-1]}@{re.split('[/?#:]', host)[0]}"
        if "@" in password:
            yield f"{info[:begin].rpartition('/')[2]}{password.partition('@')[0]}@"
    for pattern in (_KEYED, _QUERY):
        for found in pattern.finditer(text):
            yield _value_of(found).strip("\"'")


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
