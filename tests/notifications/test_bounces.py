"""A bounce is heard (G-64): told to the creator, later mails held until it is corrected."""

from collections.abc import Callable
from datetime import timedelta

from deploy.local.mails import Mail
from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.envoi import EtatEnvoi, mail_id
from services.notifications.domain.modele import Modele
from services.notifications.handlers.follow_address import follow_addresses
from services.notifications.handlers.notices import notices
from services.notifications.handlers.retry_mail import RETRY_MAIL, RetryMail
from services.notifications.schedule import due
from shared.contracts.identity import PasswordChanged, UserCreated, UserMailChanged
from shared.contracts.topics import USER_LIFECYCLE
from tests.harness.polling import eventually
from tests.notifications.builders import DOMAIN, NOW, identifiant_issued, password_issued
from tests.notifications.people import state
from tests.notifications.running import Replica, later
from tests.notifications.sending import DEADLINE_S, reached, sending, to

CHANGED, _ = follow_addresses(DOMAIN)
NOTICES = {use_case.message: use_case for use_case in notices(DOMAIN, USER_LIFECYCLE)}
Inbox = Callable[[], list[Mail]]


async def known(process: Replica, person: str) -> str:
    """The person and whoever opened the account are known; returns the latter."""
    creator = f"{person}-agent"
    people = [
        state(UserCreated, creator, nom="Martin", prenom="Claire", created_by="identity"),
        state(UserCreated, person, created_by=creator),
    ]
    await process.know(*people)
    return creator


def address(name: str) -> str:
    return f"{name}@commune.example"


async def test_bounce_of_the_identifiant_is_told_to_the_creator_and_holds_what_follows(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    creator = await known(process, person)
    sink.behave("550 5.1.1 no such user", recipient=address(person))
    (bounced,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, bounced, EtatEnvoi.ECHEC)
        (password,) = await process.queue(password_issued(person))
        held = await reached(process, password, EtatEnvoi.RETENU)
        await eventually(inbox, DEADLINE_S, "the creator's mail")
    assert await process.told(bounced) == ["mail_failed", "address_flagged"]
    assert await process.told(password) == ["mail_held"]
    assert (held.attempts, held.next_attempt_at) == (0, None)
    assert held.sealed is not None
    (mail,) = inbox()
    assert mail.recipients == (address(creator),)
    assert "Zoé Été-Durand" in mail.text
    assert "Bonjour Claire Martin" in mail.text
    assert address(person) not in mail.raw.decode()


async def test_corrected_address_gets_what_was_held_and_is_still_valid(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    await known(process, person)
    sink.behave("550", recipient=address(person))
    (bounced,) = await process.queue(identifiant_issued(person))
    corrected = f"{person}-corrige"
    async with sending(process, to(sink)):
        await reached(process, bounced, EtatEnvoi.ECHEC)
        soon = password_issued(person, generation=1, expires_at=later(1))
        (worthless,) = await process.queue(soon)
        await reached(process, worthless, EtatEnvoi.RETENU)
        (password,) = await process.queue(password_issued(person, generation=2))
        await reached(process, password, EtatEnvoi.RETENU)
        change = state(
            UserMailChanged,
            person,
            mail=address(corrected),
            ancienne_mail=address(person),
            at=later(0.01),
        )
        await process.know(change, after=2)
        await process.react(CHANGED, change)
        await reached(process, password, EtatEnvoi.ENVOYE)
    assert await process.told(password) == ["mail_held", "mail_released", "mail_sent"]
    assert (await process.mail(worthless)).etat is EtatEnvoi.ABANDONNE  # a newer one cancelled it
    to_the_person = [mail for mail in inbox() if mail.recipients == (address(corrected),)]
    assert (await process.mail(password)).message_id in {m.message_id for m in to_the_person}


async def test_secret_expires_after_a_day_even_when_it_is_held(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    await known(process, person)
    sink.behave("550", recipient=address(person))
    (bounced,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, bounced, EtatEnvoi.ECHEC)
        (password,) = await process.queue(password_issued(person))
        await reached(process, password, EtatEnvoi.RETENU)
    dues = [each async for each in due(process.store, later(24))]
    assert password in {each.subject for each in dues}


async def test_notices_are_held_too_and_an_operator_may_let_all_of_them_go(
    process: Replica, sink: SmtpSink, inbox: Inbox, person: str
) -> None:
    def to_person() -> list[Mail]:
        return [mail for mail in inbox() if mail.recipients == (address(person),)]

    await known(process, person)
    sink.behave("550", times=1, recipient=address(person))
    (bounced,) = await process.queue(identifiant_issued(person))
    changed = PasswordChanged(user_id=person, at=NOW, generation=1)
    async with sending(process, to(sink)):
        await reached(process, bounced, EtatEnvoi.ECHEC)
        await process.react(NOTICES[PasswordChanged], changed)
        (password,) = await process.queue(password_issued(person, generation=2))
        await reached(process, password, EtatEnvoi.RETENU)
        await eventually(lambda: held(process, 2), DEADLINE_S, "both are held")
        await process.react(RETRY_MAIL, RetryMail(password, person))
        await reached(process, password, EtatEnvoi.ENVOYE)
        await eventually(lambda: held(process, 0), DEADLINE_S, "none is held")
        await eventually(lambda: len(to_person()) == 2, DEADLINE_S, "both arrive")

    assert password == mail_id(person, 2, Modele.MOT_DE_PASSE_PROVISOIRE)


async def held(process: Replica, count: int) -> bool:
    return await process.count(EtatEnvoi.RETENU) == count


async def test_full_mailbox_and_greylisting_flag_nothing(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    await known(process, person)
    sink.behave("452", times=1, recipient=address(person))
    (deferred,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, deferred, EtatEnvoi.DIFFERE)
        process.pass_time(timedelta(minutes=1))
        await reached(process, deferred, EtatEnvoi.ENVOYE)
    assert await process.told(deferred) == ["mail_deferred", "mail_sent"]


async def test_what_is_refused_for_what_it_says_flags_nothing(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    await known(process, person)
    sink.behave("554", times=1, recipient=address(person), stage="data")
    (refused,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, refused, EtatEnvoi.ECHEC)
        (password,) = await process.queue(password_issued(person))
        await reached(process, password, EtatEnvoi.ENVOYE)
    assert await process.told(refused) == ["mail_failed"]
