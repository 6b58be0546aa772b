"""Scheduled maintenance of trainings: the scheduler, its tasks, and the removal of personal data."""
