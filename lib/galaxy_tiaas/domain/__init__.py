"""Decisions that need neither Galaxy nor a database."""
