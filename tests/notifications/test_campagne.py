"""Une campagne vue du dehors : un mail par personne, quoi qu’on répète, et où elle en est."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

from services.notifications.moments import say_day
from shared.contracts.identity import UserClosed, UserCreated
from shared.contracts.notifications import (
    COMMANDS,
    MOST_USERS,
    SERVICE,
    CommandRefused,
    MailAbandoned,
    MailSent,
    SendCampaign,
)
from shared.contracts.topics import MAIL_DELIVERIES, USER_LIFECYCLE, group_of
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing
from tests.notifications.issuing import record, told
from tests.notifications.people import state

DEADLINE_S = 60
CAMPAGNE = "relances-2026-03"
ECHEANCE = datetime.now(UTC).date() + timedelta(days=30)
VALEURS = {"activite": "Les Tilleuls", "exercice": "2026", "echeance": ECHEANCE.isoformat()}
PEOPLE = 3 * MOST_USERS
FAST = {SERVICE: {"NOTIFICATIONS_SMTP_RATE_PER_DOMAIN": "1000"}}


def asked(
    platform: Platform, *user_ids: str, kind: ActorKind = ActorKind.SERVICE, modele: str = "relance"
) -> Outgoing:
    command = SendCampaign(campagne_id=CAMPAGNE, modele=modele, user_ids=user_ids, valeurs=VALEURS)
    token = TokenIssuer(json.dumps(platform.settings.keys.signing)).issue(
        Principal(kind, "afas"), audience=COMMANDS, now=datetime.now(UTC)
    )
    return record(platform, command, authorization=f"Bearer {token}")


async def known(platform: Platform, *facts: Outgoing) -> None:
    await platform.publish(facts)

    async def read() -> bool:
        return not await platform.lag(group_of(SERVICE, USER_LIFECYCLE), USER_LIFECYCLE)

    await eventually(read, DEADLINE_S, "people are known")


async def test_relances_une_par_personne(start_platform: StartPlatform) -> None:
    platform = await start_platform((SERVICE,), environment=FAST)
    deliveries = await platform.follow(MAIL_DELIVERIES)
    people = [f"u{number}" for number in range(PEOPLE)]
    now = datetime.now(UTC)
    await known(
        platform,
        *(record(platform, state(UserCreated, person, at=now)) for person in people),
        record(platform, state(UserClosed, "u0", at=now), 2),
    )
    commands = [
        asked(platform, *people[first : first + MOST_USERS])
        for first in range(0, PEOPLE, MOST_USERS)
    ]
    await platform.publish([*commands, asked(platform, *people[:10]), *commands])
    await deliveries.wait_for_many(told(MailSent), PEOPLE, DEADLINE_S)
    closed = await deliveries.wait_for(told(MailAbandoned), DEADLINE_S)
    assert (closed.json()["user_id"], closed.json()["motif"]) == ("u0", "depasse")
    mails = [mail for mail in platform.mails() if "déclaration" in mail.subject]
    assert len(platform.mails()) == len(mails) + 1  # whose account is closed is told
    assert Counter(mail.recipients for mail in mails).most_common(1)[0][1] == 1
    assert len(mails) == PEOPLE - 1
    assert "« Les Tilleuls »" in mails[0].text.replace("\u00a0", " ")
    assert say_day(ECHEANCE) in mails[0].text
    shown = await platform.run_command(SERVICE, "campaigns", "show", CAMPAGNE)
    assert shown.exit_code == 0
    assert ["".join(line.split()) for line in shown.stdout.splitlines()] == [
        f"Envoyé{PEOPLE - 1}",
        "Abandonné1",
        f"Entout{PEOPLE}",
    ]


async def test_seul_un_service_demande_une_campagne(start_platform: StartPlatform) -> None:
    platform = await start_platform((SERVICE,))
    refusals = await platform.follow(CommandRefused.TOPIC)
    await platform.publish(
        [
            asked(platform, "u1", kind=ActorKind.AGENT_CAF),
            asked(platform, "u1", modele="mot_de_passe_modifie"),
        ]
    )
    found = await refusals.wait_for_many(told(CommandRefused), 2, DEADLINE_S)
    assert {each.json()["code"] for each in found} == {"reserve_aux_services", "modele_inconnu"}
    assert platform.mails() == []
