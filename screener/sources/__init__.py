"""Sources of closes and facts: the universe's own files, and live ones; `registry` lists them."""
