"""Reads, by subject; a function is named after what it returns, and writes nothing."""
