"""What clients send and get, as pydantic models."""
