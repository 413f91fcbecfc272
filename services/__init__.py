"""The services: independent, they know one another by contracts only."""
