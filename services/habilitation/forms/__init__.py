"""What screens send and show: explicit models, nothing more is taken."""
