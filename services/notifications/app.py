"""Notifications, wired."""

from services.notifications.caisses import Caisses
from services.notifications.clients.smtp import SmtpServer, trusting
from services.notifications.consultation import watch_waiting
from services.notifications.correspondence import Correspondence
from services.notifications.erasure import erase_for_ever
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from services.notifications.handlers.follow_address import follow_addresses
from services.notifications.handlers.notices import notices
from services.notifications.handlers.queue_mail import queue_mails
from services.notifications.handlers.send_campaign import send_campaign
from services.notifications.handlers.tell_expired import tell_expired
from services.notifications.handlers.tell_incident import tell_incident
from services.notifications.message import Letters
from services.notifications.migrations import MIGRATIONS
from services.notifications.ports import Process
from services.notifications.projections import DESTINATAIRES
from services.notifications.rendering import Writer
from services.notifications.schedule import due
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from shared.contracts.notifications import (
    SERVICE,
    AddressFlagged,
    CommandRefused,
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailHeld,
    MailReleased,
    MailSent,
)
from shared.contracts.topics import CREDENTIALS, DEMANDES, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.security.sealing import Opener
from shared.service import Service


def build(settings: NotificationsSettings) -> Service:
    """The service: what it listens to, decides, keeps, sends and shows."""
    correspondence = Correspondence(
        Opener(settings.sealing_keys.get_secret_value()),
        Writer(settings.portal_url),
        Letters(settings.sender),
        Caisses.load(settings.caf_file, with_demonstration=settings.environment != "production"),
    )
    domain = settings.mail_domain
    tls = trusting(settings.smtp_ca_file)

    async def send_mails(process: Process) -> None:
        server = SmtpServer(
            settings.smtp_url.get_secret_value(),
            starttls=settings.starttls,
            connections=settings.smtp_connections,
            tls_context=tls,
        )
        await Sender(process, server, correspondence, settings).run()

    async def erase(process: Process) -> None:
        await erase_for_ever(process, settings.retention_days)

    return Service(
        name=SERVICE,
        settings=settings,
        refused=CommandRefused,
        commands=(EXPIRE_MAIL, send_campaign(domain)),
        reactions={
            CREDENTIALS: queue_mails(domain),
            USER_LIFECYCLE: (
                *follow_addresses(domain),
                *notices(domain, USER_LIFECYCLE),
                tell_expired(domain),
                tell_incident(domain),
            ),
            ROLE_ASSIGNMENTS: notices(domain, ROLE_ASSIGNMENTS),
            DEMANDES: notices(domain, DEMANDES),
        },
        projections=(DESTINATAIRES,),
        tells=(
            MailSent,
            MailDeferred,
            MailHeld,
            MailReleased,
            MailFailed,
            AddressFlagged,
            MailAbandoned,
            MailExpired,
        ),
        migrations=MIGRATIONS,
        background=(send_mails, erase, watch_waiting),
        due=due,
    )
