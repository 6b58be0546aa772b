"""Mail and notifications: an event writes messages into the outbox, a worker delivers them."""
