"""Which destination a job gets, and why."""
