"""A Galaxy with galaxy-tiaas for people to try (`run.sh`) and for the tests.

This is not installed with the extension.
"""
