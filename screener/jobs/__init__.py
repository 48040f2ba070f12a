"""Jobs that run unattended: the weekly run, the backfill, and the check of the installation."""
