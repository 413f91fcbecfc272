"""What a service may be made of."""

import dataclasses

import pytest

from deploy.local.servers import Servers
from shared.contracts.topics import commands_topic
from shared.service import Service
from tests.shared.tiny import build, tiny_settings


@pytest.fixture
def service(servers: Servers, prefix: str, database_name: str) -> Service:
    return build(tiny_settings(servers, prefix, database_name))


def test_topic_is_read_by_one_subscriber_only(service: Service) -> None:
    twice = (service.projections[0], service.projections[0])
    with pytest.raises(TypeError, match="read twice"):
        dataclasses.replace(service, projections=twice)


def test_service_does_not_react_to_its_own_commands(service: Service) -> None:
    with pytest.raises(TypeError, match="read twice"):
        dataclasses.replace(service, reactions={commands_topic(service.name): ()})


def test_topic_may_be_both_copied_and_reacted_to(service: Service) -> None:
    copied = service.projections[0].topic
    both = dataclasses.replace(service, reactions={**service.reactions, copied: ()})
    assert copied in both.subscriptions
