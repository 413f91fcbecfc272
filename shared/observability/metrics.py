"""Every metric of the platform: its name, its kind, what it means, what to do."""

from prometheus_client import Counter, Gauge, Histogram

from shared.path.work import Outcome

HANDLED = Counter(
    "mcp_messages_handled_total",
    "Messages that reached an outcome: done, refused, dead, known (a repeat).",
    ["outcome"],
)
IGNORED = Counter("mcp_facts_ignored_total", "Facts of types that this service does not follow.")
CONFLICTS = Counter(
    "mcp_write_conflicts_total",
    "Groups tried again because another process wrote the same documents.",
)
OUTDATED = Counter(
    "mcp_messages_outdated_total",
    "Messages prepared again because what they concern changed since they were prepared.",
)
GROUP_SIZE = Histogram(
    "mcp_group_messages",
    "Messages of one group commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
GROUP_DURATION = Histogram(
    "mcp_group_duration_seconds",
    "Duration of one group commit, from load to commit. Above 1 s: look at the store.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
PUBLISHED = Counter("mcp_rows_published_total", "Outbox rows that the broker acknowledged.")
PUBLISH_FAILED = Counter(
    "mcp_publish_failures_total",
    "Rounds of publishing that failed for some row; rows stay and are sent again.",
)
PENDING_ROWS = Gauge(
    "mcp_outbox_rows", "Outbox rows not yet published, of the whole service. Should return to 0."
)
PENDING_AGE = Gauge(
    "mcp_outbox_oldest_seconds",
    "Age of the oldest unpublished row. Above 30 s: the broker is away or a topic is missing.",
)
LAG = Gauge(
    "mcp_consumer_lag_records",
    "Records of the partitions of this process that are not consumed yet.",
    ["topic"],
)
STALENESS = Gauge(
    "mcp_projection_staleness_seconds",
    "How old the projection of another service's facts may be, its owner's delay included.",
    ["topic"],
)
DROITS_PEOPLE = Gauge("mcp_droits_people", "People whose rights this process has in memory.")
DROITS_BYTES = Gauge("mcp_droits_memory_bytes", "What their rights take in memory, estimated.")
DROITS_READ = Counter(
    "mcp_droits_people_read_total", "People whose rights were read from the store, not from memory."
)
DROITS_STALE = Counter(
    "mcp_droits_stale_total",
    "Decisions refused because what is known of rights is too old. Look at the staleness.",
)
DEAD_LETTER_LIMIT = Gauge(
    "mcp_dead_letter_limit_reached",
    "1 when too many records were parked: consumption stopped, an operator must look.",
)
HTTP_REQUESTS = Histogram(
    "mcp_http_request_duration_seconds",
    "Duration of HTTP requests by route and status.",
    ["route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def count_outcome(outcome: Outcome) -> None:
    """Count what became of one message."""
    HANDLED.labels(outcome.status if outcome.first else "known").inc()
