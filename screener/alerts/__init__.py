"""Alerts of the weekly run: the rules, the message, and its delivery by e-mail and webhook."""
