"""Requesting, reviewing, deciding about, changing and ending trainings."""
