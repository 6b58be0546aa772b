"""Telling people: what is said to whom, and how it reaches them."""
