"""The AsyncAPI 3.0 document of the platform, or of one service: topics, messages, who does what."""

from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.contracts.catalogue import carried_by, example_of, owner_of
from shared.contracts.envelope import Command, Fact, Message, Refused
from shared.contracts.headers import headers_schema
from shared.contracts.schemas import inlined, kind_of, message_schema
from shared.contracts.topics import DAY_MS, HOUR_MS, TOPICS, Topic

ASYNCAPI = "3.0.0"
KAFKA_BINDING = "0.5.0"
"""Newest Kafka binding (https://github.com/asyncapi/bindings/tree/master/kafka)."""
LANGUAGE = "1.0.0"
"""Version of the published language: the first number is the `v1` of the types."""
JSON = "application/json"
PARTIES = tuple(sorted({party for t in TOPICS.values() for party in t.producers + t.consumers}))
"""Who reads or writes; `platform` stands for operators and other systems."""

Json = dict[str, Any]


def asyncapi_document(service_name: str | None = None) -> Json:
    """The document of one service, or of all of them. Raises: ValueError, no such service."""
    if service_name is not None and service_name not in PARTIES:
        raise ValueError(f"{service_name} neither reads nor writes any topic")
    parties = PARTIES if service_name is None else (service_name,)
    topics = [t for t in TOPICS.values() if set(parties) & {*t.producers, *t.consumers}]
    messages = [model for topic in topics for model in carried_by(topic)]
    return {
        "asyncapi": ASYNCAPI,
        "info": _info(service_name),
        "defaultContentType": JSON,
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": _operations(topics, parties),
        "components": {"messages": {model.TYPE: _message(model) for model in messages}},
    }


def _info(service_name: str | None) -> Json:
    title = "Mon Compte Partenaire"
    return {
        "title": title if service_name is None else f"{title} : {service_name}",
        "version": LANGUAGE,
        "description": (
            "Messages are CloudEvents 1.0 in the Kafka binary binding: the envelope is in the "
            "headers, the body is JSON. Delivery is at least once and in order per aggregate "
            "(`ce_sequence`); a repeat has the same `ce_id` and the same bytes. Ignore the fields "
            "and types that you do not know. Topic names may carry a prefix of the environment."
        ),
    }


def _channel(topic: Topic) -> Json:
    config = topic.config()
    return {
        "address": topic.name,
        "description": (
            f"{_sentence(topic.carries)} Key: {topic.key}. Kept for {_duration(topic)}, "
            f"{topic.partitions} partitions. Owner: {topic.owner}."
            + (" Private to its owner." if topic.private else "")
        ),
        "messages": {
            model.TYPE: {"$ref": f"#/components/messages/{model.TYPE}"}
            for model in carried_by(topic)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "replicas": topic.replication,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_message_bytes,
                    "message.timestamp.type": config["message.timestamp.type"],
                    "min.insync.replicas": topic.min_insync,
                },
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-owner": topic.owner,
        "x-key": topic.key,
        "x-private": topic.private,
    }


def _operations(topics: Iterable[Topic], parties: Iterable[str]) -> Json:
    wanted = [
        (party, action, topic)
        for party in parties
        for topic in topics
        for action, members in (("send", topic.producers), ("receive", topic.consumers))
        if party in members
    ]
    return {
        f"{party}.{action}.{topic.name}": _operation(party, action, topic)
        for party, action, topic in wanted
    }


def _operation(party: str, action: str, topic: Topic) -> Json:
    channel = f"#/channels/{topic.name}"
    operation = {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{party} {'writes' if action == 'send' else 'reads'} {topic.name}.",
        "tags": [{"name": party}],
    }
    carried = carried_by(topic)
    if carried:  # else any record: the private topics hold those of the others, whole
        operation["messages"] = [{"$ref": f"{channel}/messages/{m.TYPE}"} for m in carried]
    return operation


def _message(model: type[Message]) -> Json:
    payload = inlined(message_schema(model))
    for known in ("$schema", "x-type", "x-kind", "x-topic", "x-key"):
        del payload[known]  # told by the message and its channel
    body = example_of(model)
    return {
        "name": model.TYPE,
        "title": model.__name__,
        "summary": (model.__doc__ or "").partition("\n")[0],
        "contentType": JSON,
        "tags": [{"name": kind_of(model)}, {"name": owner_of(model)}],
        "headers": headers_schema(model),
        "payload": payload,
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The body's `{model.KEY}`."},
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "examples": [
            {"name": "exemple", "headers": _example_headers(model, body), "payload": body}
        ],
    }


def _example_headers(model: type[Message], body: Json) -> dict[str, str]:
    id = uuid5(NAMESPACE_URL, model.TYPE).hex
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": model.TYPE,
        "ce_source": f"/mcp/{body.get('service', owner_of(model))}",
        "ce_subject": body[model.KEY],
        "content-type": JSON,
        "ce_correlationid": id,
    }
    if issubclass(model, Command):
        return headers | {"ce_source": "/caf/portail", "authorization": "Bearer jeton-de-commande"}
    headers["ce_time"] = body.get("at", "2026-03-02T09:15:00Z")
    if issubclass(model, Fact) and not issubclass(model, Refused):
        headers["ce_sequence"] = "0000000001"
    return headers


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _duration(topic: Topic) -> str:
    kept = topic.retention_ms
    return f"{kept // HOUR_MS} h" if kept <= DAY_MS else f"{kept // DAY_MS} days"
