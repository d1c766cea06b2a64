"""Writes, by subject; one function is one transaction is one verb of the domain."""
