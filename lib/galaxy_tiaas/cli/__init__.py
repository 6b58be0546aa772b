"""The command ``galaxy-tiaas``.

Importing Galaxy takes seconds, so the modules here do it inside the commands that need it: help and
typing errors answer at once.
"""

from .main import main

__all__ = ("main",)
