"""The cohort of a training: joining, leaving, the roster, pseudonyms."""
