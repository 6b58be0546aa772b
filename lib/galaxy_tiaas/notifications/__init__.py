"""Telling people what happens to their trainings."""
