"""Galaxy's unofficial API, one module for each part of Galaxy.

Everything that we use of Galaxy and that no documentation promises stands here, behind a function that says what it
relies on. Each has a test in ``test/unit/test_compat_*.py``: a new release of Galaxy shows by name what it changed.
"""
