"""The metrics of passwords; those of messages are in shared.observability.metrics."""

from prometheus_client import Counter

VERIFICATIONS = Counter(
    "mcp_password_verifications_total",
    "Passwords compared with a hash: one of an account (compte), or none of anybody's (personne). "
    "Many of nobody's: somebody guesses, or an account is delayed.",
    ["contre"],
)
