"""Finance: pure functions on frames, and result objects. No files, no network, no clock, no command line."""
