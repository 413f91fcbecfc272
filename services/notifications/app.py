"""Notifications, wired."""

from services.notifications.clients.smtp import SmtpServer, trusting
from services.notifications.handlers.expire_mail import EXPIRE_MAIL
from services.notifications.handlers.queue_mail import queue_mails
from services.notifications.migrations import MIGRATIONS
from services.notifications.ports import Process
from services.notifications.projections import DESTINATAIRES
from services.notifications.rendering import Writer
from services.notifications.schedule import due
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from shared.contracts.notifications import (
    SERVICE,
    CommandRefused,
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailSent,
)
from shared.contracts.topics import CREDENTIALS
from shared.security.sealing import Opener
from shared.service import Service


def build(settings: NotificationsSettings) -> Service:
    """The service: what it listens to, decides, keeps, sends and shows."""
    writer = Writer(settings.portal_url)
    opener = Opener(settings.sealing_keys.get_secret_value())
    tls = trusting(settings.smtp_ca_file)

    async def send_mails(process: Process) -> None:
        server = SmtpServer(
            settings.smtp_url.get_secret_value(),
            starttls=settings.starttls,
            connections=settings.smtp_connections,
            tls_context=tls,
        )
        await Sender(process, server, writer, opener, settings).run()

    return Service(
        name=SERVICE,
        settings=settings,
        refused=CommandRefused,
        commands=(EXPIRE_MAIL,),
        reactions={CREDENTIALS: queue_mails(settings.mail_domain)},
        projections=(DESTINATAIRES,),
        tells=(MailSent, MailDeferred, MailFailed, MailAbandoned, MailExpired),
        migrations=MIGRATIONS,
        background=(send_mails,),
        due=due,
    )
