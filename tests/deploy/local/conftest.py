"""One server per test, not the session's: these tests break them."""

from collections.abc import Iterator

import pytest

from deploy.local.apache_kafka import ApacheKafka
from deploy.local.embedded_broker import EmbeddedBroker
from deploy.local.mongod import Mongod
from deploy.local.smtp_sink import SmtpSink
from deploy.local.workdir import work_directory


@pytest.fixture
def mongod() -> Iterator[Mongod]:
    with work_directory() as folder, Mongod(folder) as server:
        yield server


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with work_directory() as folder, EmbeddedBroker(folder) as server:
        yield server


@pytest.fixture
def apache() -> Iterator[ApacheKafka]:
    with work_directory() as folder, ApacheKafka(folder) as server:
        yield server


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with work_directory() as folder, SmtpSink(folder) as server:
        yield server
