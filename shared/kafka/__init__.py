"""The Kafka door and the way out to Kafka."""
