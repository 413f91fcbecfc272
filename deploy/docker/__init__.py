"""The image of the platform."""
