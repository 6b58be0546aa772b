"""Statistics, calendar, feeds and metrics."""
