"""Queries and changes through Galaxy's session. Managers flush; services commit."""
