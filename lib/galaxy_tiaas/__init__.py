"""Training Infrastructure as a Service, mounted inside Galaxy."""

__version__ = "0.1.0.dev0"
