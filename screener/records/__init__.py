"""Runs read back to be compared: from the history, a JSON file or a workbook."""

from __future__ import annotations

from screener.records.find import find_run

__all__ = ["find_run"]
