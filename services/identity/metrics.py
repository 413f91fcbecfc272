"""The metrics of passwords; those of messages are in shared.observability.metrics."""

from prometheus_client import Counter

VERIFICATIONS = Counter(
    "mcp_password_verifications_total",
    "Passwords compared with a hash: one of an account (compte), or none of anybody's (personne). "
    "Many of nobody's: somebody guesses, or an account is delayed.",
    ["contre"],
)
ATTEMPTS = Counter(
    "mcp_password_attempts_total",
    "Attempts with a password, by what came of them: it opened (ouvert), it did not (refuse), or a "
    "delay ran and it was not looked at (retarde). Of known accounts and unknown ones alike.",
    ["issue"],
)
for issue in ("ouvert", "refuse", "retarde"):
    ATTEMPTS.labels(issue)  # shown as 0 from the start: a rate needs a beginning
