"""What happens in the demo, one file for each part of the trade."""
