"""The command ``galaxy-tiaas``."""

from .main import main

__all__ = ("main",)
