"""How fast the dashboard of a class is beside Galaxy itself, on a large database; see README.md."""
