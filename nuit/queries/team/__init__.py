"""What the organisers see: the whole edition, whatever its state."""
