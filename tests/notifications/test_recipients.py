"""Mails without a secret are addressed when they are sent, to where identity last told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from deploy.local.mails import Mail
from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import ATTENTE_DESTINATAIRE, Modele
from services.notifications.handlers.follow_address import follow_addresses
from services.notifications.handlers.notices import notices
from services.notifications.handlers.tell_incident import tell_incident
from services.notifications.metrics import CAF_NOT_REACHED
from shared.contracts.identity import PasswordChanged, UserCreated, UserMailChanged
from shared.contracts.notifications import MotifAbandon
from shared.contracts.topics import USER_LIFECYCLE
from tests.harness.polling import eventually
from tests.notifications.builders import DOMAIN, NOW, identifiant_issued
from tests.notifications.people import DESCRIPTION, incident, state
from tests.notifications.running import Replica, later
from tests.notifications.sending import DEADLINE_S, reached, sending, to

NOTICES = {use_case.message: use_case for use_case in notices(DOMAIN, USER_LIFECYCLE)}
CHANGED, _ = follow_addresses(DOMAIN)
INCIDENT = tell_incident(DOMAIN)
Inbox = Callable[[], list[Mail]]


def changed(person: str) -> PasswordChanged:
    return PasswordChanged(user_id=person, at=NOW, generation=1)


async def only_mail(process: Replica) -> Envoi:
    (mail,) = await process.mails()
    return mail


async def test_mail_waits_for_a_recipient_who_is_not_known_yet(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    await process.react(NOTICES[PasswordChanged], changed(person))
    mail = await only_mail(process)
    async with sending(process, to(sink)):
        await reached(process, mail.id, EtatEnvoi.DIFFERE)
        await process.know(state(UserCreated, person))
        process.pass_time(timedelta(minutes=1))
        await reached(process, mail.id, EtatEnvoi.ENVOYE)
    (received,) = inbox()
    assert "Zoé Été-Durand" in received.text


async def test_mail_to_nobody_is_given_up(process: Replica, sink: SmtpSink, person: str) -> None:
    await process.react(NOTICES[PasswordChanged], changed(person))
    mail = await only_mail(process)
    process.pass_time(ATTENTE_DESTINATAIRE)
    async with sending(process, to(sink)):
        given_up = await reached(process, mail.id, EtatEnvoi.ABANDONNE)
    assert (given_up.motif, given_up.valeurs) == (MotifAbandon.DESTINATAIRE, None)


async def test_change_of_address_is_written_to_the_old_the_new_and_the_caf(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    old, new = f"{person}-avant@commune.example", f"{person}@commune.example"
    change = state(
        UserMailChanged, person, mail=new, ancienne_mail=old, administrateur=True, caf="831"
    )
    await process.know(change)
    before = sink.count()
    await process.react(CHANGED, change)
    async with sending(process, to(sink)):
        await eventually(lambda: sink.count() >= before + 3, DEADLINE_S, "three mails")
        await eventually(lambda: all_ended(process), DEADLINE_S, "recorded")
    assert sorted(mail.recipients for mail in inbox()) == sorted([(old,), (new,)])
    mails = {mail.modele: mail for mail in await process.mails()}
    assert {mail.etat for mail in mails.values()} == {EtatEnvoi.ENVOYE}
    assert {mail.adresse for mail in mails.values()} == {None}  # forgotten with their end
    (told,) = [m for m in sink.mails(before) if m["recipients"] == ["assistance@caf831.example"]]
    assert mails[Modele.ADRESSE_ADMINISTRATEUR].message_id in told["raw"]


async def all_ended(process: Replica) -> bool:
    return all(not mail.is_open for mail in await process.mails())


async def test_incident_reaches_the_caf_in_the_words_of_who_wrote_it(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    await process.know(state(UserCreated, person))
    before = sink.count()
    await process.react(INCIDENT, incident(person, caf="641"))
    async with sending(process, to(sink)):
        await eventually(inbox, DEADLINE_S, "the person is told")
        await eventually(lambda: all_ended(process), DEADLINE_S, "both end")
    (receipt,) = inbox()
    assert DESCRIPTION not in receipt.text
    assert "sous la référence i1" in receipt.text
    mails = [parse for parse in sink.mails(before) if "assistance@caf641.example" in str(parse)]
    assert len(mails) == 1
    assert {mail.etat for mail in await process.mails()} == {EtatEnvoi.ENVOYE}


@pytest.mark.parametrize("sealed_for", [{"user_id": "u2"}, {"incident_id": "i2"}])
async def test_incident_sealed_for_another_mail_is_given_up(
    process: Replica, sink: SmtpSink, person: str, sealed_for: dict[str, str]
) -> None:
    await process.know(state(UserCreated, person))
    await process.react(INCIDENT, incident(person, sealed_for=sealed_for))
    lost = CAF_NOT_REACHED.labels("perdu")._value.get()
    async with sending(process, to(sink)):
        await eventually(lambda: all_ended(process), DEADLINE_S, "it ends")
    (mail,) = await process.mails()  # and nobody is told that it was transmitted
    assert (mail.modele, mail.motif) == (Modele.INCIDENT_SIGNALE, MotifAbandon.ILLISIBLE)
    assert CAF_NOT_REACHED.labels("perdu")._value.get() == lost + 1


async def test_incident_waits_for_the_contact_of_a_caf_that_has_none(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    await process.know(state(UserCreated, person))
    await process.react(INCIDENT, incident(person, caf="999"))
    mail = await only_mail(process)
    async with sending(process, to(sink)):
        await reached(process, mail.id, EtatEnvoi.DIFFERE)
        process.pass_time(2 * ATTENTE_DESTINATAIRE)
        await eventually(lambda: tried_again(process, mail.id), DEADLINE_S, "tried again")
    assert (await process.mail(mail.id)).etat is EtatEnvoi.DIFFERE


async def tried_again(process: Replica, id: str) -> bool:
    return (await process.mail(id)).attempts > 1


async def test_secret_sealed_to_an_address_left_since_goes_to_the_one_in_use(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    """It waited while the address was corrected: whoever reads the old one gets nothing."""
    old, new = f"{person}@commune.example", f"{person}-apres@commune.example"
    sink.behave("450", times=1, recipient=old)
    (id,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, id, EtatEnvoi.DIFFERE)
        moved = state(UserMailChanged, person, mail=new, ancienne_mail=old, at=later(0.01))
        await process.know(moved)
        process.pass_time(timedelta(minutes=1))
        await reached(process, id, EtatEnvoi.ENVOYE)
    assert [mail.recipients for mail in inbox()] == [(new,)]
