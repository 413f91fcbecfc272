"""The bare loop of mails: aiosmtplib, a few connections, each sending its share. uvloop.

Nothing is stored: a crash forgets what was sent and what was not.
"""

import asyncio
import json
import sys
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

import aiosmtplib
import uvloop

SENDER = "ne-pas-repondre@mcp.example"


async def run(port: int, count: int, connections: int, text: str, html: str) -> None:
    """Send that many mails and end."""
    numbers = iter(range(count))

    async def send_share() -> None:
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False)
        async with smtp:
            for number in numbers:
                recipient = f"personne{number}@exemple.fr"
                content = _mail(recipient, text, html).as_bytes(policy=SMTP)
                await smtp.sendmail(SENDER, [recipient], content)

    await asyncio.gather(*(send_share() for _ in range(connections)))


def _mail(recipient: str, text: str, html: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = recipient
    message["Subject"] = "Mon Compte Partenaire"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="mcp.example")
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    return message


if __name__ == "__main__":
    uvloop.run(run(**json.loads(sys.argv[1])))
