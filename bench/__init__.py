"""What must be fast, measured side by side; never run as a timed test."""
