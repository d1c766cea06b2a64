"""What may be typed, and what we accept."""
