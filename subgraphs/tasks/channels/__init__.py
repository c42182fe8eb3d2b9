"""Ways to send a message: the port, and its implementations."""
