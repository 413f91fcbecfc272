"""A campaign: SendCampaign to many people, until the sink has all mails; a bare loop beside it."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench.accounts import CAF, CONVENTION, command_headers, draw_users, issue_token, mail_of
from bench.figures import Figure, compare
from bench.lanes import signing_key_of
from bench.mailing import BAR, CONNECTIONS, Mailing, bare_mails, open_mailing
from bench.rounds import Measured, alternate, cores_notes
from bench.rows.mails import check_sent
from bench.scale import Scale
from bench.stage import OurRunner, Stage, frozen
from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.modele import Modele
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.notifications import COMMANDS, MOST_USERS, SendCampaign
from shared.mongo.documents import to_row
from shared.security.principal import service_principal
from tests.harness.topics import Outgoing

RELANCE = {"activite": "Accueil de loisirs", "exercice": "2026", "echeance": "2027-03-31"}
"""What the mails say, beside the name of each person."""
WHO_ASKS = service_principal("afas")
"""Campaigns are asked for by services only."""


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process of notifications beside one bare loop, as many connections each, one sink."""
    async with open_mailing(stage, scale) as mailing:
        sample = await _sample(mailing)
        a, b = await alternate(
            scale.rounds, partial(_ours, mailing), partial(bare_mails, mailing, *sample)
        )
    commands = -(-scale.mails // MOST_USERS)
    return [
        compare(
            "campaign",
            a.values,
            b.values,
            "mails/s",
            bar=BAR,
            broker=stage.broker,
            notes=[
                f"{scale.mails} personnes par manche, en {commands} SendCampaign.",
                f"{CONNECTIONS} connexions des deux côtés.",
                *cores_notes(a, b),
            ],
        )
    ]


async def _sample(mailing: Mailing) -> tuple[str, str]:
    runner = OurRunner(mailing.platform.new_replica("notifications"))
    await runner.start()
    try:
        await _written_to(mailing, 1, runner)
    finally:
        await runner.stop()
    return mailing.sample()


async def _ours(mailing: Mailing) -> Measured[float]:
    """Mails per second of one round: a fresh process, warmed up, before all the commands."""
    runner = OurRunner(mailing.platform.new_replica("notifications"))
    mailing.sink.forget()
    await runner.start()
    try:
        await _written_to(mailing, mailing.warm_up, runner)
        mailing.sink.forget()
        watch = mailing.watch("notifications", runner.pid)
        await _written_to(mailing, mailing.count, runner)
        measured = Measured(mailing.rate(), watch.cores())
    finally:
        await runner.stop()
    check_sent(mailing)
    return measured


async def _written_to(mailing: Mailing, count: int, runner: OurRunner) -> None:
    """A campaign to so many new people, to its last mail."""
    platform, users = mailing.platform, draw_users(count)
    platform.database("notifications")[Destinataire.COLLECTION].insert_many(map(_known, users))
    token = issue_token(signing_key_of(platform), WHO_ASKS, COMMANDS)
    with frozen([runner]):
        mailing.stage.wire.load(records(platform.topic(COMMANDS), users, token))
    await mailing.until_sent(count)


def _known(user_id: str) -> dict[str, Any]:
    """A person in notifications' copy of what identity told."""
    person = Destinataire(
        id=user_id,
        mail=mail_of(user_id),
        nom="Durand",
        prenom="Camille",
        etat=EtatCompte.OUVERT,
        genre=GenreCompte.PARTENAIRE,
        caf=CAF,
        convention_id=CONVENTION,
    )
    return {**to_row(person), "version": 1}


def records(topic: str, users: Sequence[str], token: str) -> Iterable[Outgoing]:
    """One campaign to all of these people: as few commands as it takes."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    (campagne_id,) = draw_users(1)
    for first in range(0, len(users), MOST_USERS):
        named = command_headers(token, at, SendCampaign)
        headers = tuple((name, value.encode()) for name, value in named)
        asked = {
            "campagne_id": campagne_id,
            "modele": Modele.RELANCE,
            "user_ids": users[first : first + MOST_USERS],
            "valeurs": RELANCE,
        }
        yield Outgoing(topic, campagne_id.encode(), headers, json.dumps(asked).encode())
