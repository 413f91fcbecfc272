"""The service, wired: what it listens to and tells is what the registry says."""

import pytest

from services.notifications.app import build
from shared.contracts.habilitation import AppartenanceRefused
from shared.contracts.habilitation_demandes import CafSollicitee
from shared.contracts.identity import (
    AccountRefused,
    IdentifiantIssued,
    IncidentReported,
    PasswordChanged,
    TemporaryPasswordExpired,
    TemporaryPasswordIssued,
    UserClosed,
    UserLocked,
    UserMailChanged,
    UserReopened,
    UserUpdated,
)
from shared.contracts.notifications import (
    MESSAGES,
    SERVICE,
    CommandRefused,
    ExpireMail,
    SendCampaign,
)
from shared.contracts.topics import (
    CREDENTIALS,
    DEMANDES,
    ROLE_ASSIGNMENTS,
    TOPICS,
    USER_LIFECYCLE,
    dead_letters_topic,
)
from tests.notifications.running import settings_of

APP = build(settings_of("mongodb://localhost", "none"))


def test_it_reads_and_writes_what_the_registry_says() -> None:
    read = {name for name, each in TOPICS.items() if SERVICE in each.consumers}
    assert APP.subscriptions == read - {dead_letters_topic(SERVICE)}  # that one, by operators
    assert APP.publications == {name for name, each in TOPICS.items() if SERVICE in each.producers}


def test_each_message_has_its_use_case() -> None:
    assert [each.message for each in APP.commands] == [ExpireMail, SendCampaign]
    assert {each.message for each in APP.reactions[CREDENTIALS]} == {
        IdentifiantIssued,
        TemporaryPasswordIssued,
    }
    assert {each.message for each in APP.reactions[USER_LIFECYCLE]} == {
        UserMailChanged,
        UserUpdated,
        UserClosed,
        UserReopened,
        UserLocked,
        AccountRefused,
        PasswordChanged,
        TemporaryPasswordExpired,
        IncidentReported,
    }
    assert {each.message for each in APP.reactions[ROLE_ASSIGNMENTS]} == {AppartenanceRefused}
    assert {each.message for each in APP.reactions[DEMANDES]} == {CafSollicitee}
    assert [each.topic for each in APP.projections] == [USER_LIFECYCLE]


def test_every_fact_of_the_contract_is_told() -> None:
    assert {ExpireMail, SendCampaign, CommandRefused, *APP.tells} == set(MESSAGES)


def test_key_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match="sealing keys"):
        build(settings_of("mongodb://localhost", "none", sealing_keys='{"keys": []}'))
