"""Our objects in other people's formats."""
