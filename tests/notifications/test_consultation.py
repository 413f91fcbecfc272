"""What operators look at: the right mails, by an index, and how many wait."""

from typing import Any

from services.notifications.consultation import (
    Criteres,
    count_campaign,
    find_attempts,
    find_mail,
    find_mails,
    watch_waiting,
)
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.tentative import Deferred
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from services.notifications.handlers.send_campaign import send_campaign
from services.notifications.metrics import WAITING
from services.notifications.store import of_campaign
from shared.contracts.notifications import SendCampaign
from shared.ids import draw_id
from shared.security.principal import service_principal
from tests.harness.polling import eventually
from tests.notifications.builders import DOMAIN, NOW, identifiant_issued, password_issued
from tests.notifications.running import Replica, in_background

SEND = send_campaign(DOMAIN)


async def campaign(process: Replica, id: str, *people: str) -> None:
    valeurs = {"activite": "Les Tilleuls", "exercice": "2026", "echeance": "2026-03-31"}
    asked = SendCampaign(campagne_id=id, modele="relance", user_ids=people, valeurs=valeurs)
    await process.decide(SEND, asked, principal=service_principal("afas"), message_id=draw_id())


async def test_mails_that_wait_are_listed_unless_something_else_is_asked(process: Replica) -> None:
    sent, waiting = await process.queue(identifiant_issued("u1"), password_issued("u1"))
    envois = process.store.collection(Envoi.COLLECTION)
    await envois.update_one({"_id": sent}, {"$set": {"etat": "envoye"}})
    await campaign(process, "c1", "u2", "u3")

    async def listed(**criteres: Any) -> set[str]:
        return {mail.id for mail in await find_mails(process.store, Criteres(**criteres))}

    assert len(await listed()) == 3
    assert await listed(etats=(EtatEnvoi.ENVOYE,)) == {sent}
    assert await listed(user_id="u1") == {sent, waiting}
    assert await listed(user_id="u1", etats=(EtatEnvoi.EN_FILE,)) == {waiting}
    assert len(await listed(campagne_id="c1")) == 2
    assert len(await listed(most=1)) == 1


async def test_one_mail_is_shown_with_its_attempts_in_order(process: Replica) -> None:
    (id,) = await process.queue(identifiant_issued("u1"))
    for code in (421, 450, 451):
        await process.react(RECORD_ATTEMPT, RecordAttempt(id, Deferred(code), NOW, "u1"))
    mail = await find_mail(process.store, id)
    assert mail is not None
    attempts = await find_attempts(process.store, mail)
    assert [each.smtp_code for each in attempts] == [421, 450, 451]
    assert await find_mail(process.store, "none") is None


async def test_campaign_is_counted_by_its_index_alone(process: Replica) -> None:
    await campaign(process, "c1", *(f"u{n}" for n in range(20)))
    await campaign(process, "c2", "u1")
    envois = process.store.collection(Envoi.COLLECTION)
    for mail in await find_mails(process.store, Criteres(campagne_id="c1", most=5)):
        await envois.update_one({"_id": mail.id}, {"$set": {"etat": "envoye"}})
    assert await count_campaign(process.store, "c1") == {
        EtatEnvoi.EN_FILE: 15,
        EtatEnvoi.ENVOYE: 5,
    }
    assert await count_campaign(process.store, "c3") == {}
    found = envois.find(of_campaign("c1"), {"_id": 0, "etat": 1})
    plan = str((await found.explain())["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "FETCH" not in plan


async def test_gauge_tells_how_many_wait(process: Replica) -> None:
    await process.queue(*(identifiant_issued(f"u{n}") for n in range(3)))

    def waiting(etat: EtatEnvoi) -> float:
        count: float = WAITING.labels(etat.value)._value.get()
        return count

    async with in_background(watch_waiting(process)):
        await eventually(lambda: waiting(EtatEnvoi.EN_FILE) == 3, 10, "three are counted")
    assert waiting(EtatEnvoi.RETENU) == 0
