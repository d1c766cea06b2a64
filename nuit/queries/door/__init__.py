"""What the door asks: whose code was read, the evening's list, who is in."""
