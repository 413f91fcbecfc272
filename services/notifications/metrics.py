"""The metrics of mails; those of messages are in shared.observability.metrics."""

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS = Histogram(
    "mcp_mail_attempt_duration_seconds",
    "Duration of attempts at sending a mail, by what came of them (acceptee, differee, refusee).",
    ["issue"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
WAITS = Histogram(
    "mcp_mail_wait_seconds",
    "Time from when a mail was due to its attempt. Above 60 s: add connections or replicas.",
    buckets=(0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200),
)
POSTPONED = Counter(
    "mcp_mail_postponed_total",
    "Mails put back in line, untried, because their destination had had its share.",
)
CAF_NOT_REACHED = Counter(
    "mcp_mails_caf_not_reached_total",
    "Mails to a Caf: attempts without any contact to write to (sans_contact), mails that ended"
    " unsent (perdu).",
    ["cause"],
)
WAITING = Gauge(
    "mcp_mails_waiting",
    "Mails of the whole service that wait, by state (en_file, differe, retenu).",
    ["etat"],
)
