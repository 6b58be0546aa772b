"""What tests know of the servers in conftest.py."""

PREFIX = "/galaxy"
#: May call the API of the server below the prefix from its own pages.
FRIENDLY_SITE = "training.example.org"
#: The lifecycle runs some seconds after the start, and not again while tests move trainings behind its back.
ONE_RUN = {"lifecycle_interval_seconds": 86400}
