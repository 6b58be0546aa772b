"""Who changed what, when, with which note."""
