"""The servers of a machine without Docker: MongoDB, a Kafka broker, a mail sink, the keys."""
