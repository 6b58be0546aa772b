"""Faults that a server meets, made on purpose; after each, what must be true of the database is asked by SQL."""
