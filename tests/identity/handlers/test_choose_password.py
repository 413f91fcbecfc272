"""A temporary session chooses a password, once; the choice ends every session."""

from datetime import timedelta

import pytest

from services.identity.domain.errors import NothingToPersonalise, SessionRequired
from services.identity.domain.mot_de_passe import LooksTemporary, OwnWords, TooEasy, TooShort
from services.identity.domain.session import Portee, is_open
from services.identity.handlers.choose_password import ChoosePassword
from shared.errors import Refusal
from tests.identity.builders import (
    IDENTIFIANT,
    NOW,
    PARTNER,
    TEMPORARY,
    Scene,
    compte,
    convention,
    facts,
    hash_of,
    presence,
    session,
    temporary,
)

CHOSEN = "Nouveau-2026"


def asked(password: str = CHOSEN) -> ChoosePassword:
    return ChoosePassword(presence(), password)


async def test_chosen_password_is_kept_and_every_session_ends() -> None:
    before = compte(mot_de_passe=None, generation=2, epoque=1)
    sessions = [session(Portee.PERSONNALISATION, epoque=1), session(token="other", epoque=1)]
    scene = Scene(convention(), before, *sessions)
    decision = await scene.ask(scene.acces.choose_password, asked(), principal=PARTNER)
    after = scene.compte()
    assert (after.mot_de_passe, after.epoque) == (hash_of(CHOSEN), 2)
    assert not any(is_open(each, after, convention(), NOW) for each in sessions)
    (fact,) = facts(decision)
    assert (fact.TYPE, fact.generation) == ("mcp.identity.password_changed.v1", 2)
    assert fact.motif == "personnalisation"
    assert decision.result == {"user_id": "u1"}


async def test_newer_temporary_password_is_cancelled() -> None:
    scene = Scene(convention(), compte(provisoire=temporary(2)), session(Portee.PERSONNALISATION))
    await scene.ask(scene.acces.choose_password, asked(), principal=PARTNER)
    assert scene.compte().provisoire is None


async def test_second_choice_in_the_same_session_is_refused() -> None:
    scene = Scene(convention(), compte(), session(Portee.PERSONNALISATION))
    use_case = scene.acces.choose_password
    requests = [await scene.prepared(use_case, asked(each)) for each in (CHOSEN, "Autre-2026")]
    with pytest.raises(SessionRequired):
        scene.decide(use_case, *requests)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("court", TooShort),
        (TEMPORARY, LooksTemporary),
        ("Ete-Durand-26", OwnWords),
        (f"{IDENTIFIANT}-a!", OwnWords),
        ("Zo3-et-lui!", OwnWords),
        ("Valfleury-93", OwnWords),
        ("P4rtenaire-7", OwnWords),
    ],
)
async def test_password_against_the_rules_costs_no_hash(
    password: str, refusal: type[Refusal]
) -> None:
    scene = Scene(convention(), compte(), session(Portee.PERSONNALISATION))
    with pytest.raises(refusal):
        await scene.ask(scene.acces.choose_password, asked(password))
    assert scene.hasher.hashed == []


async def test_password_that_is_guessed_at_once_costs_no_hash() -> None:
    scene = Scene(convention(), compte(), session(Portee.PERSONNALISATION))
    scene.robustesse.given = 1
    with pytest.raises(TooEasy):
        await scene.ask(scene.acces.choose_password, asked())
    assert scene.hasher.hashed == []
    ((password, words),) = scene.robustesse.looked_at
    assert password == CHOSEN
    assert {"durand", "zoe", "valfleury", "commune", IDENTIFIANT.lower(), "caf"} <= set(words)


async def test_full_session_has_nothing_to_personalise() -> None:
    """Said before the password is looked at: nothing slow for whoever may not choose."""
    scene = Scene(convention(), compte(), session())
    for password in (CHOSEN, "court"):
        with pytest.raises(NothingToPersonalise):
            await scene.ask(scene.acces.choose_password, asked(password))
    assert (scene.hasher.hashed, scene.robustesse.looked_at) == ([], [])


async def test_ended_or_unknown_session_chooses_nothing() -> None:
    late = NOW + timedelta(minutes=30)
    scene = Scene(convention(), compte(), session(Portee.PERSONNALISATION))
    for password in (CHOSEN, "court"):
        with pytest.raises(SessionRequired):
            await scene.ask(scene.acces.choose_password, asked(password), now=late)
    assert (scene.hasher.hashed, scene.robustesse.looked_at) == ([], [])
    scene = Scene(convention(), compte())
    with pytest.raises(SessionRequired):
        await scene.ask(scene.acces.choose_password, asked())


async def test_unknown_account_chooses_nothing() -> None:
    scene = Scene(session(Portee.PERSONNALISATION))
    with pytest.raises(SessionRequired):
        await scene.ask(scene.acces.choose_password, asked())


def test_password_shows_in_no_log() -> None:
    assert CHOSEN not in repr(asked())
