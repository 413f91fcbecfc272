"""The servers are those that the environment says."""

from pathlib import Path

import pytest

from deploy.local.environment import PlatformSettings
from deploy.local.keys import KeyMaterial
from deploy.local.server import Server
from deploy.local.servers import running_servers

ELSEWHERE = {
    "KAFKA_BOOTSTRAP": "kafka:9092",
    "MONGO_URI": "mongodb://mongo/?replicaSet=mcp",
    "SMTP_URL": "smtp://mail:25",
}


def test_servers_that_run_already_are_left_alone(tmp_path: Path) -> None:
    with running_servers(ELSEWHERE, directory=tmp_path) as servers:
        assert (servers.broker, servers.mongod, servers.sink) == (None, None, None)
        assert servers.kafka == "kafka:9092"
        assert servers.kafka_control is None
        assert servers.fetch_max_wait_ms == 500
        settings = PlatformSettings(servers, KeyMaterial.make(("notifications",)), prefix="p.")
        environment = settings.environment("notifications", 8001, {"X": "y"})
    assert environment["NOTIFICATIONS_MONGO_URI"] == ELSEWHERE["MONGO_URI"]
    assert environment["NOTIFICATIONS_SMTP_URL"] == ELSEWHERE["SMTP_URL"]
    assert environment["NOTIFICATIONS_TOPIC_PREFIX"] == "p."
    assert environment["X"] == "y"
    assert "NOTIFICATIONS_GROUP_DEADLINE_S" not in environment


def test_unknown_kafka_is_refused(tmp_path: Path) -> None:
    servers = running_servers({"KAFKA": "rabbit"}, directory=tmp_path)
    with pytest.raises(ValueError, match="KAFKA=rabbit"):
        servers.__enter__()


@pytest.mark.connected
def test_everything_is_stopped_after_an_error(tmp_path: Path) -> None:
    started: list[Server] = []

    def fail() -> None:
        with running_servers({}, directory=tmp_path) as servers:
            assert servers.kind == "embedded"
            assert servers.fetch_max_wait_ms == 10
            every = (servers.mongod, servers.broker, servers.sink)
            started.extend(server for server in every if isinstance(server, Server))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [server.running for server in started] == [False] * 3
    assert [server.process.exit_code for server in started] == [0] * 3
