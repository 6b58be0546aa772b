"""What API and pages share about a request."""
