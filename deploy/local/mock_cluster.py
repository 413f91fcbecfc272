"""librdkafka's mock cluster: the Kafka protocol over real sockets, records in memory.

Bound through ctypes to the library inside the confluent-kafka wheel, because only the C API can
create topics and take a broker down.
Source: https://github.com/confluentinc/librdkafka/blob/v2.12.1/src/rdkafka_mock.h
"""

import ctypes
import time
from collections.abc import Sequence
from ctypes import POINTER, c_char_p, c_int, c_int16, c_int32, c_size_t, c_void_p
from importlib.metadata import files

PRODUCER = 0
"""`RD_KAFKA_PRODUCER`: the handle that the cluster hangs on; nothing is produced with it."""
ERROR_TEXT_BYTES = 512
ALL_BROKERS = -1
PACE_S = 0.001
"""The mock's thread, having answered a request, reads away the wake-up of a next one that comes at
once, and then sleeps for 1 s (`rd_kafka_mock_cluster_op_io`, librdkafka 2.16): measured, a third of
the requests sent back to back took 1 s, none at this pace."""


class MockClusterFailed(RuntimeError):
    """librdkafka refused the request."""


def _library() -> ctypes.CDLL:
    names = [file for file in files("confluent-kafka") or () if file.name.startswith("librdkafka-")]
    if not names:
        raise MockClusterFailed("the confluent-kafka wheel holds no librdkafka")
    library = ctypes.CDLL(str(names[0].locate()))
    cluster = c_void_p
    signatures: dict[str, tuple[object, list[object]]] = {
        "conf_new": (c_void_p, []),
        "new": (c_void_p, [c_int, c_void_p, c_char_p, c_size_t]),
        "err2str": (c_char_p, [c_int]),
        "mock_cluster_new": (cluster, [c_void_p, c_int]),
        "mock_cluster_bootstraps": (c_char_p, [cluster]),
        "mock_topic_create": (c_int, [cluster, c_char_p, c_int, c_int]),
        "mock_topic_delete": (c_int, [cluster, c_char_p]),
        "mock_broker_set_down": (c_int, [cluster, c_int32]),
        "mock_broker_set_up": (c_int, [cluster, c_int32]),
        "mock_broker_set_rtt": (c_int, [cluster, c_int32, c_int]),
        "mock_push_request_errors_array": (
            None,
            [cluster, c_int16, c_size_t, POINTER(c_int)],
        ),
        "mock_clear_request_errors": (None, [cluster, c_int16]),
        "mock_group_initial_rebalance_delay_ms": (None, [cluster, c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, f"rd_kafka_{name}")
        function.restype, function.argtypes = result, arguments
    return library


class MockCluster:
    """A cluster of `brokers` in this process, on loopback ports that the kernel chooses.

    A partition keeps at most 5 MiB and 100 000 batches, then drops its oldest ones
    (`rdkafka_mock.c`, `max_size` and `max_cnt`). Topics that nobody created appear with 4
    partitions when a client asks for them.
    """

    def __init__(self, brokers: int = 1) -> None:
        self._library = _library()
        text = ctypes.create_string_buffer(ERROR_TEXT_BYTES)
        handle = self._library.rd_kafka_new(
            PRODUCER, self._library.rd_kafka_conf_new(), text, ERROR_TEXT_BYTES
        )
        if not handle:
            raise MockClusterFailed(text.value.decode())
        self._cluster = self._library.rd_kafka_mock_cluster_new(handle, brokers)
        if not self._cluster:
            raise MockClusterFailed("no cluster")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        self._brokers = brokers

    @property
    def bootstrap(self) -> str:
        """Addresses of the brokers, `host:port[,host:port]`."""
        address: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return address.decode()

    def create_topic(self, name: str, partitions: int) -> None:
        """Create a topic on all brokers; MockClusterFailed if it exists."""
        create = self._library.rd_kafka_mock_topic_create
        self._check(create(self._cluster, name.encode(), partitions, self._brokers))

    def delete_topic(self, name: str) -> None:
        """Forget a topic and its records."""
        self._check(self._library.rd_kafka_mock_topic_delete(self._cluster, name.encode()))

    def take_down(self, broker: int = ALL_BROKERS) -> None:
        """Close the connections and refuse new ones; the records stay."""
        self._check(self._library.rd_kafka_mock_broker_set_down(self._cluster, broker))

    def bring_up(self, broker: int = ALL_BROKERS) -> None:
        """Accept connections again, on the same port."""
        self._check(self._library.rd_kafka_mock_broker_set_up(self._cluster, broker))

    def delay(self, milliseconds: int, broker: int = ALL_BROKERS) -> None:
        """Answer every request that much later."""
        set_rtt = self._library.rd_kafka_mock_broker_set_rtt
        self._check(set_rtt(self._cluster, broker, milliseconds))

    def push_errors(self, api_key: int, codes: Sequence[int]) -> None:
        """Answer the next requests of that kind (0 = Produce, 1 = Fetch…) with these errors.

        Source: https://kafka.apache.org/protocol.html#protocol_api_keys and `_error_codes`;
        -195 (`RD_KAFKA_RESP_ERR__TRANSPORT`) closes the connection instead.
        """
        array = (c_int * len(codes))(*codes)
        push = self._library.rd_kafka_mock_push_request_errors_array
        push(self._cluster, api_key, len(codes), array)

    def clear_errors(self, api_key: int) -> None:
        """Forget the errors pushed and not yet served."""
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, api_key)

    def _check(self, code: int) -> None:
        time.sleep(PACE_S)
        if code:
            raise MockClusterFailed(self._library.rd_kafka_err2str(code).decode())
