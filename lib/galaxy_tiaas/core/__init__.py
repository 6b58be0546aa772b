"""What all parts of the extension share."""
