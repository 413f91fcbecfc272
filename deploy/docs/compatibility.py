"""What may change in a published schema within a version, and what may not.

A fact is read by consumers that we do not deploy, from topics that keep it for years: old
consumers meet new records, new consumers meet old ones, and all of them validate strictly. So a
fact may only gain fields that may be left out; even a wider value (a longer text, one more value
of a list) is refused. A command is read by its owner alone: it may accept more than before, never
less. Anything else is a new version, published beside the old one.
"""

from collections.abc import Mapping
from typing import Any

from deploy.docs.differences import Effect, differences
from shared.contracts.schemas import inlined

Schema = Mapping[str, Any]

ALLOWED = {
    "command": {Effect.WIDER, Effect.ADDED},
    "fact": {Effect.ADDED},
    "snapshot": {Effect.ADDED},
    "refusal": {Effect.ADDED},
}
IDENTITY = ("x-kind", "x-topic", "x-key")
"""What a message is, beside its body: none of it may change."""
FOR_EVER = ("partitions", "cleanup.policy")
"""Settings of a topic that consumers rely on: the order per key, and nothing left out."""


def schema_breaks(old: Schema, new: Schema) -> list[str]:
    """What makes the new schema of a message incompatible with the old one; empty if nothing.

    Raises: KeyError when the new one does not tell its kind.
    """
    allowed = ALLOWED[new["x-kind"]]
    told = [
        f"{word.removeprefix('x-')} is {new.get(word)}, was {old[word]}"
        for word in IDENTITY
        if word in old and old[word] != new.get(word)
    ]
    found = differences(inlined(old), inlined(new))
    return told + [str(each) for each in found if each.effect not in allowed]


def topic_breaks(old: Schema, new: Schema) -> list[str]:
    """What makes the channels of an AsyncAPI document incompatible with those of an older one."""
    broken = []
    for name, channel in old["channels"].items():
        if name not in new["channels"]:
            broken.append(f"{name}: topic removed")
            continue
        before, after = _settings(channel), _settings(new["channels"][name])
        broken += [
            f"{name}: {word} is {after[word]}, was {before[word]}"
            for word in FOR_EVER
            if before[word] != after[word]
        ]
    return broken


def _settings(channel: Schema) -> dict[str, Any]:
    kafka = channel["bindings"]["kafka"]
    return {"partitions": kafka["partitions"], **kafka["topicConfiguration"]}
