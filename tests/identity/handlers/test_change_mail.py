"""A person's own address: changed with his password, the old one free, both told."""

from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import (
    MailOfService,
    MailUnavailable,
    PersonalisationRequired,
    SessionRequired,
)
from services.identity.domain.frequence import MOST_ADDRESSES
from services.identity.domain.session import Portee
from services.identity.handlers.change_mail import ChangeMail
from shared.frequence import TooOften
from shared.path.decision import Decision
from tests.identity.builders import (
    IDENTIFIANT,
    NOW,
    PARTNER,
    PASSWORD,
    Scene,
    compte,
    convention,
    facts,
    presence,
    session,
    temporary,
    written,
)

OLD, NEW = "zoe@commune.example", "zoe.durand@valfleury.example"
RESERVED = AdresseReservee(id=OLD, user_id="u1")


def asked(mail: str = NEW, password: str = PASSWORD) -> ChangeMail:
    return ChangeMail(presence(), "192.0.2.7", mail, password)


def scene(*others: Any, **own: Any) -> Scene:
    return Scene(RESERVED, convention(), compte(**own), session(), *others)


async def ask(scene: Scene, message: ChangeMail) -> Decision:
    return await scene.ask(scene.acces.change_mail, message, principal=PARTNER)


async def test_new_address_is_kept_the_old_one_free_and_the_fact_names_both() -> None:
    known = scene(provisoire=temporary())
    decision = await ask(known, asked(" Zoe.Durand@Valfleury.example"))
    assert (known.compte().mail, known.compte().provisoire) == (NEW, None)
    kept = {each.id: each.user_id for each in written(decision, AdresseReservee)}
    assert kept == {OLD: None, NEW: "u1"}
    (fact,) = facts(decision)
    assert (fact.ancienne_mail, fact.mail, fact.changed_by) == (OLD, NEW, "u1")
    assert (fact.administrateur, fact.caf) == (False, "931")
    assert known.essais.asked[0][0] == IDENTIFIANT


async def test_change_of_an_administrateur_is_told_as_such() -> None:
    known = Scene(RESERVED, convention(administrateurs=("u1",)), compte(), session())
    (fact,) = facts(await ask(known, asked()))
    assert fact.administrateur is True


async def test_wrong_password_changes_nothing_and_counts() -> None:
    known = scene()
    decision = await ask(known, asked(password="Autre-2026"))
    assert decision.result == {"refused": "true"}
    assert known.compte().mail == OLD
    assert [fact.TYPE for fact in facts(decision)] == ["mcp.identity.sign_in_failed.v1"]
    assert [right for _, right, _ in known.essais.settled] == [False]


async def test_right_password_for_an_address_that_moved_is_not_said_to_be_wrong() -> None:
    known = scene()
    request = await known.prepared(known.acces.change_mail, asked(), principal=PARTNER)
    moved = known.compte().changed(mail="autre@commune.example")
    known.stored[moved.key] = moved
    (decision,) = known.decide(known.acces.change_mail, request)
    assert [fact.motif for fact in facts(decision)] == ["adresse_changee"]
    assert known.compte().mail == moved.mail


async def test_address_of_another_or_of_a_service_is_refused() -> None:
    known = scene(AdresseReservee(id=NEW, user_id="u9"))
    with pytest.raises(MailUnavailable):  # nobody but himself may see his account, nor he theirs
        await ask(known, asked())
    with pytest.raises(MailOfService):
        await ask(known, asked("contact@commune.example"))
    assert len(known.hasher.verified) == 1


async def test_address_that_was_freed_may_be_taken() -> None:
    known = scene(AdresseReservee(id=NEW, user_id=None, libre_depuis=NOW))
    await ask(known, asked())
    assert known.compte().mail == NEW


async def test_addresses_are_changed_a_few_times_an_hour_only() -> None:
    """Each new one is written to, and may be a stranger's."""
    known = scene()
    for number in range(MOST_ADDRESSES):
        await ask(known, asked(f"zoe.durand{number}@valfleury.example"))
    with pytest.raises(TooOften):
        await ask(known, asked())
    assert known.compte().mail == f"zoe.durand{MOST_ADDRESSES - 1}@valfleury.example"
    same = await ask(known, asked(known.compte().mail))
    assert same.facts == ()


async def test_same_address_is_no_change() -> None:
    known = scene()
    decision = await ask(known, asked(OLD.upper()))
    assert (decision.writes, decision.facts) == ((), ())


async def test_session_must_be_open_and_full() -> None:
    for portee, ended, refusal in (
        (Portee.PERSONNALISATION, None, PersonalisationRequired),
        (Portee.COMPLETE, NOW, SessionRequired),
    ):
        known = Scene(RESERVED, convention(), compte(), session(portee, ended_at=ended))
        with pytest.raises(refusal):
            await ask(known, asked())


def test_address_and_password_show_in_no_log() -> None:
    assert NEW not in repr(asked())
    assert PASSWORD not in repr(asked())
