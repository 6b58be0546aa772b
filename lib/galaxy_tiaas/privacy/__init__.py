"""What is known of a person, and forgetting it."""
