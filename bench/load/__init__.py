"""Load programs: each its own process, cheap, the same for both sides."""
