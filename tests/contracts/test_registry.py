"""The registry of topics, the messages and what the services really do say the same."""

import pkgutil
import re
import sys
from types import ModuleType

import pytest

import services
from shared.contracts import platform
from shared.contracts.asyncapi import PARTIES
from shared.contracts.catalogue import (
    ALL_MESSAGES,
    CONTRACTS,
    carried_by,
    owner_of,
    topic_of,
)
from shared.contracts.envelope import Command, Fact, Message, Refused, Snapshot
from shared.contracts.topics import (
    DAY_MS,
    EVENT_BYTES,
    TOPICS,
    Topic,
    commands_topic,
    dead_letters_topic,
    refusals_topic,
    retry_topic,
)
from shared.kafka.records import read_envelope
from shared.service import Service
from tests.architecture.wiring import wired

SERVICES = sorted(module.name for module in pkgutil.iter_modules(services.__path__))
KAFKA_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")
"""What Kafka takes for a topic (org.apache.kafka.common.internals.Topic)."""
PERSONAL = {"nom", "prenom", "mail", "telephone", "identifiant"}

each_message = pytest.mark.parametrize("model", ALL_MESSAGES.values(), ids=ALL_MESSAGES.keys())
each_topic = pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
each_service = pytest.mark.parametrize("name", SERVICES)


@pytest.fixture
def service(name: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service wired as in a local run; it connects to nothing until it runs."""
    return wired(name, monkeypatch)


@each_service
def test_service_reads_the_topics_that_the_registry_says(name: str, service: Service) -> None:
    read_by_operators = {dead_letters_topic(name)}
    registered = {topic.name for topic in TOPICS.values() if name in topic.consumers}
    assert service.subscriptions == registered - read_by_operators


@each_service
def test_service_writes_to_the_topics_that_the_registry_says(name: str, service: Service) -> None:
    registered = {topic.name for topic in TOPICS.values() if name in topic.producers}
    assert service.publications == registered


@each_service
def test_service_decides_every_command_of_its_contract(name: str, service: Service) -> None:
    wanted = {model for model in _owned_by(name) if issubclass(model, Command)}
    assert {use_case.message for use_case in service.commands} == wanted
    assert len(service.commands) == len(wanted)


@each_service
def test_service_tells_every_fact_of_its_contract(name: str, service: Service) -> None:
    facts = {model for model in _owned_by(name) if issubclass(model, Fact)}
    refusals = {model for model in facts if issubclass(model, Refused)}
    assert {service.refused} == refusals
    snapshots = {model for model in facts if issubclass(model, Snapshot)}
    assert set(service.tells) | snapshots == facts - refusals
    assert (service.snapshots is not None) == bool(snapshots)


@each_service
def test_service_follows_messages_of_the_topics_it_reads(name: str, service: Service) -> None:
    followed = {
        topic: {use_case.message for use_case in use_cases}
        for topic, use_cases in service.reactions.items()
    }
    for projection in service.projections:
        followed.setdefault(projection.topic, set()).update(projection.table.values())
    for topic, models in followed.items():
        assert models <= set(carried_by(TOPICS[topic]))
        assert all(issubclass(model, Fact) for model in models)


@each_service
def test_service_is_the_one_of_its_contract(name: str, service: Service) -> None:
    assert service.name == name
    assert name in {contract.SERVICE for contract in CONTRACTS}


def test_each_party_of_the_registry_is_a_service_or_the_platform() -> None:
    assert set(PARTIES) == {*SERVICES, platform.SERVICE}


@each_topic
def test_topic_name_is_lower_case_and_survives_a_prefix(topic: Topic) -> None:
    assert TOPICS[topic.name] is topic
    assert re.fullmatch(r"mcp(\.[a-z]+(-[a-z]+)*)+", topic.name)
    assert KAFKA_NAME.fullmatch(topic.full("t0123abcd."))


@each_topic
def test_topic_survives_the_loss_of_a_broker(topic: Topic) -> None:
    assert topic.partitions == 12
    assert 2 <= topic.min_insync < topic.replication


@each_topic
def test_topic_has_known_parties(topic: Topic) -> None:
    known = {contract.SERVICE for contract in CONTRACTS}
    assert {topic.owner, *topic.producers, *topic.consumers} <= known
    assert topic.producers
    assert topic.consumers


@each_topic
def test_topic_carries_messages_unless_it_is_private(topic: Topic) -> None:
    assert bool(carried_by(topic)) != topic.private
    if topic.private:
        assert topic.producers == topic.consumers == (topic.owner,)


@each_topic
def test_topic_of_facts_has_one_key(topic: Topic) -> None:
    """That of commands has the key of whatever aggregate is asked about."""
    keys = {model.KEY for model in carried_by(topic) if issubclass(model, Fact)}
    assert len(keys) <= 1


@each_topic
def test_topic_is_not_compacted(topic: Topic) -> None:
    """A late repeat of an old event may follow a newer one: compaction would keep the old."""
    assert topic.cleanup == "delete"


@each_topic
def test_topic_takes_the_largest_message(topic: Topic) -> None:
    assert topic.max_message_bytes > EVENT_BYTES


@each_topic
def test_time_of_a_command_is_that_of_the_broker(topic: Topic) -> None:
    """The expiry of its token is judged against it, so its sender must not choose it."""
    carries_commands = any(issubclass(model, Command) for model in carried_by(topic))
    assert (topic.timestamps == "broker") == carries_commands
    stamped = "LogAppendTime" if carries_commands else "CreateTime"
    assert topic.config()["message.timestamp.type"] == stamped


def test_sealed_secrets_are_read_by_one_service_and_kept_one_day() -> None:
    topic = TOPICS["mcp.credentials"]
    assert topic.consumers == ("notifications",)
    assert topic.retention_ms == DAY_MS
    assert int(topic.config()["segment.ms"]) < DAY_MS  # a segment is deleted once it is closed


@each_service
def test_service_has_its_four_topics(name: str) -> None:
    for topic_name in (commands_topic(name), refusals_topic(name)):
        assert TOPICS[topic_name].owner == name
        assert not TOPICS[topic_name].private
    for topic_name in (retry_topic(name), dead_letters_topic(name)):
        assert TOPICS[topic_name].private
    assert TOPICS[commands_topic(name)].consumers == (name,)
    assert TOPICS[refusals_topic(name)].producers == (name,)
    assert (
        TOPICS[dead_letters_topic(name)].max_message_bytes
        >= TOPICS[commands_topic(name)].max_message_bytes + 64 * 1024
    )


@each_message
def test_message_goes_to_a_topic_of_its_owner(model: type[Message]) -> None:
    topic = topic_of(model)
    assert topic.owner == owner_of(model)
    if issubclass(model, Command):
        assert topic.name == commands_topic(owner_of(model))
    elif issubclass(model, Refused):
        assert topic.name == refusals_topic(owner_of(model))
    elif owner_of(model) != platform.SERVICE:
        assert topic.producers == (topic.owner,)


@each_message
def test_message_type_is_the_name_of_its_model(model: type[Message]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
    assert re.fullmatch(rf"mcp\.{owner_of(model)}\.{name}\.v[1-9]\d*", model.TYPE)
    headers = {"ce_specversion": "1.0", "ce_id": "1", "ce_type": model.TYPE, "ce_source": "/x"}
    assert read_envelope(headers).type == model.TYPE


@each_message
def test_message_is_a_command_or_a_fact(model: type[Message]) -> None:
    assert issubclass(model, Command) != issubclass(model, Fact)


@each_message
def test_key_is_a_required_text_that_names_nobody(model: type[Message]) -> None:
    field = model.model_fields[model.KEY]
    assert field.annotation is str
    assert field.is_required()
    assert model.KEY not in PERSONAL


@each_message
def test_message_is_frozen_strict_and_silent_about_refused_values(model: type[Message]) -> None:
    config = model.model_config
    assert config.get("frozen")
    assert config.get("strict")
    assert config.get("hide_input_in_errors")
    assert config.get("extra") == "ignore"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.SERVICE)
def test_every_message_declared_is_listed(contract: ModuleType) -> None:
    """What a service is asked, or asks, may have files of their own, beside what it tells."""
    beside = [
        module for name, module in sys.modules.items() if name.startswith(f"{contract.__name__}_")
    ]
    declared = {
        value
        for module in (contract, *beside)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Message)
        and value.__module__ == module.__name__
        and hasattr(value, "TYPE")
        and not name.startswith("_")
    }
    assert declared == set(contract.MESSAGES)


def _owned_by(service: str) -> list[type[Message]]:
    return [model for model in ALL_MESSAGES.values() if owner_of(model) == service]
