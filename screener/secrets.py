"""Secrets, read from the environment alone and masked in every line that is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

DATABASE_URL = "SCREENER_DATABASE_URL"
SMTP_PASSWORD = "SCREENER_SMTP_PASSWORD"
WEBHOOK_URL = "SCREENER_WEBHOOK_URL"
WEBHOOK_TOKEN = "SCREENER_WEBHOOK_TOKEN"
NAMES = (DATABASE_URL, SMTP_PASSWORD, WEBHOOK_URL, WEBHOOK_TOKEN)
STRUCK = "***"


def get(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """A secret, empty where it is not set."""
    return environment.get(name, "")


def mask(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text with every secret masked: the whole value, and the password of a URL by itself."""
    found = set()
    for name in NAMES:
        value = environment.get(name, "")
        password = urlsplit(value).password if "://" in value else None
        # The address of a database is no secret, its password is; a webhook's address lets anybody post.
        found |= {password or "", unquote(password or "")} if name == DATABASE_URL else {value, password or ""}
    for secret in sorted(found - {""}, key=len, reverse=True):
        text = text.replace(secret, STRUCK)
    return text
