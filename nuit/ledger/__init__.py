"""Uncommitted writes that actions share: places, promised messages, the trail. The ledger alone touches `taken`."""
