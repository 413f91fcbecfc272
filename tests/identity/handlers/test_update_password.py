"""« Mettre à jour votre mot de passe » : the one in use is shown first, then every session ends."""

import unicodedata
from typing import Any

import pytest

from services.identity.domain.compte import Compte, IdentifiantReserve
from services.identity.domain.essais import Refus
from services.identity.domain.mot_de_passe import NoDigit, OwnWords, TooEasy, Unchanged
from services.identity.handlers.update_password import UpdatePassword
from shared.errors import Refusal
from shared.path.decision import Decision
from tests.identity.builders import (
    DAY,
    IDENTIFIANT,
    NOW,
    PASSWORD,
    TEMPORARY,
    Scene,
    compte,
    convention,
    facts,
    hash_of,
    temporary,
    written,
)

NEW = "Tambour+Girafe9"
REFUSED = {"refused": "true"}
RESERVED = IdentifiantReserve(id=IDENTIFIANT, user_id="u1")


def asked(password: str = PASSWORD, new: str = NEW, identifiant: str = IDENTIFIANT) -> object:
    return UpdatePassword(identifiant, "192.0.2.7", password, new)


def scene(**own: Any) -> Scene:
    return Scene(RESERVED, convention(), compte(**own))


async def test_new_password_takes_the_place_of_the_old_and_sessions_end() -> None:
    known = scene(provisoire=temporary(), epoque=3)
    decision = await known.ask(known.acces.update_password, asked())
    (after,) = written(decision, Compte)
    assert (after.mot_de_passe, after.epoque, after.provisoire) == (hash_of(NEW), 4, None)
    (fact,) = facts(decision)
    assert (fact.TYPE, fact.motif) == ("mcp.identity.password_changed.v1", "mise_a_jour")
    assert [acte.acte for acte in after.actes] == ["mise_a_jour"]
    assert known.essais.settled == [("place 1", True, NOW)]


@pytest.mark.parametrize("password", ["Autre-2026", TEMPORARY, ""])
async def test_wrong_password_is_a_failed_sign_in_and_the_new_one_is_not_looked_at(
    password: str,
) -> None:
    known = scene(provisoire=temporary())
    decision = await known.ask(known.acces.update_password, asked(password, "court"))
    assert [fact.TYPE for fact in facts(decision)] == ["mcp.identity.sign_in_failed.v1"]
    assert decision.result == REFUSED
    assert known.compte().mot_de_passe == hash_of(PASSWORD)
    assert not known.hasher.hashed
    assert not known.robustesse.looked_at
    assert [right for _, right, _ in known.essais.settled] == [False]


@pytest.mark.parametrize(
    ("new", "refusal"),
    [("Sans-chiffre", NoDigit), (PASSWORD, Unchanged), ("Durand+Girafe9", OwnWords)],
)
async def test_rules_are_told_to_who_knows_the_password(new: str, refusal: type[Refusal]) -> None:
    known = scene()
    with pytest.raises(refusal):
        await known.ask(known.acces.update_password, asked(new=new))
    assert known.hasher.hashed == []
    assert known.essais.settled == [("place 1", True, NOW)]


async def test_same_password_composed_otherwise_is_no_change() -> None:
    known = scene(mot_de_passe=hash_of("Été-à-Nîmes-1"))
    again = unicodedata.normalize("NFD", "Été-à-Nîmes-1")
    with pytest.raises(Unchanged):
        await known.ask(known.acces.update_password, asked("Été-à-Nîmes-1", again))


async def test_password_guessed_at_once_is_refused() -> None:
    known = scene()
    known.robustesse.given = 1
    with pytest.raises(TooEasy):
        await known.ask(known.acces.update_password, asked())


async def test_unknown_account_costs_the_same_and_tells_nothing() -> None:
    nobody = Scene()
    decision = await nobody.ask(nobody.acces.update_password, asked())
    assert decision == Decision(result=REFUSED)
    assert nobody.hasher.verified == [None]
    assert [right for _, right, _ in nobody.essais.settled] == [False]


async def test_closed_account_or_convention_is_no_use_even_with_the_right_password() -> None:
    for closed in (
        scene(cloture=NOW.date()),
        Scene(RESERVED, convention(etat="suspendue"), compte()),
    ):
        decision = await closed.ask(closed.acces.update_password, asked())
        assert decision.result == REFUSED
        assert [fact.motif for fact in facts(decision)] == ["compte_ferme"]
        assert [right for _, right, _ in closed.essais.settled] == [False]


async def test_during_a_delay_nothing_is_looked_at() -> None:
    known = scene()
    known.essais.refus = Refus(NOW + DAY)
    decision = await known.ask(known.acces.update_password, asked())
    assert known.hasher.verified == [None]
    assert decision.result == REFUSED
    assert known.compte().mot_de_passe == hash_of(PASSWORD)


async def test_password_changed_in_the_meantime_is_not_replaced() -> None:
    known = scene()
    request = await known.prepared(known.acces.update_password, asked())
    other = known.compte().changed(mot_de_passe=hash_of("Nouveau-2026"))
    known.stored[other.key] = other
    (decision,) = known.decide(known.acces.update_password, request)
    assert decision.result == REFUSED
    assert known.compte().mot_de_passe == other.mot_de_passe


def test_passwords_show_in_no_log() -> None:
    assert PASSWORD not in repr(asked())
    assert NEW not in repr(asked())
