"""Moving in from tiaas2."""
