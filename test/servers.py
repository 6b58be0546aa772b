"""What tests know of the servers in conftest.py."""

PREFIX = "/galaxy"
#: May call the API of the server below the prefix from its own pages.
FRIENDLY_SITE = "training.example.org"
