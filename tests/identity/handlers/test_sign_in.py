"""Who is right comes in; whoever fails learns nothing, and costs the same work."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.identity.domain.compte import Compte, IdentifiantReserve
from services.identity.domain.essais import Refus
from services.identity.domain.regles import in_force
from services.identity.domain.session import Portee, Session, id_of
from services.identity.handlers.sign_in import NOBODY, SignIn
from services.identity.routes.sessions import ANYONE
from shared.path.decision import Decision
from tests.identity.builders import (
    DAY,
    IDENTIFIANT,
    NOW,
    PASSWORD,
    TEMPORARY,
    TOKEN,
    Scene,
    compte,
    convention,
    create,
    facts,
    hash_of,
    temporary,
    written,
)

RESERVED = IdentifiantReserve(id=IDENTIFIANT, user_id="u1")
REFUSED = {"refused": "true"}
SOURCE = "192.0.2.7"
MILLISECOND = timedelta(milliseconds=1)


def asked(password: str = PASSWORD, identifiant: str = IDENTIFIANT) -> SignIn:
    return SignIn(identifiant, SOURCE, password, TOKEN)


def is_refused(decision: Decision, motif: str) -> None:
    (fact,) = facts(decision)
    assert fact.TYPE == "mcp.identity.sign_in_failed.v1"
    assert fact.motif == motif
    assert decision.result == REFUSED
    assert written(decision, Session) == []


async def test_right_password_opens_a_full_session() -> None:
    scene = Scene(RESERVED, convention(), compte())
    decision = await scene.ask(scene.acces.sign_in, asked(identifiant=" krb 4729 tv35"))
    (opened,) = written(decision, Session)
    assert (opened.id, opened.user_id) == (id_of(TOKEN), "u1")
    assert (opened.portee, opened.epoque) == (Portee.COMPLETE, 0)
    assert (opened.opened_at, opened.seen_at) == (NOW, NOW)
    (fact,) = facts(decision)
    assert fact.must_change_password is False
    assert decision.result == {
        "user_id": "u1",
        "portee": "complete",
        "regles_a_accepter": in_force(),
    }
    assert scene.compte().signed_in_at == NOW


async def test_token_is_nowhere_in_what_is_kept() -> None:
    scene = Scene(RESERVED, convention(), compte())
    request = await scene.prepared(scene.acces.sign_in, asked())
    (decision,) = scene.decide(scene.acces.sign_in, request)
    assert TOKEN not in repr(decision)
    assert TOKEN not in repr(request.message)
    assert PASSWORD not in repr(request.message)


async def test_person_is_told_when_he_last_signed_in() -> None:
    before = NOW - timedelta(days=3)
    scene = Scene(RESERVED, convention(), compte(signed_in_at=before))
    decision = await scene.ask(scene.acces.sign_in, asked())
    assert decision.result["last_sign_in_at"] == before.isoformat()


async def test_session_belongs_to_the_present_epoch() -> None:
    scene = Scene(RESERVED, convention(), compte(epoque=4))
    decision = await scene.ask(scene.acces.sign_in, asked())
    assert written(decision, Session)[0].epoque == 4


async def test_wrong_password_is_told_of_the_account() -> None:
    scene = Scene(RESERVED, convention(), compte())
    is_refused(await scene.ask(scene.acces.sign_in, asked("Autre-2026")), "mot_de_passe")
    assert scene.compte().signed_in_at is None


async def test_unknown_account_costs_the_same_work_and_tells_nothing() -> None:
    known, unknown = Scene(RESERVED, convention(), compte()), Scene()
    await known.ask(known.acces.sign_in, asked("Autre-2026"))
    decision = await unknown.ask(unknown.acces.sign_in, asked())
    assert len(unknown.hasher.verified) == len(known.hasher.verified) == 1
    assert unknown.hasher.verified == [None]
    assert decision == Decision(result=REFUSED)


@pytest.mark.parametrize("password", [TEMPORARY, PASSWORD, "", "x" * 5_000])
async def test_account_without_such_a_password_costs_one_verification(password: str) -> None:
    scene = Scene(RESERVED, convention(), compte(mot_de_passe=None))
    is_refused(await scene.ask(scene.acces.sign_in, asked(password)), "mot_de_passe")
    assert scene.hasher.verified == [None]


async def test_closed_account_is_refused_even_with_the_right_password() -> None:
    """Operators are told which it was; who signs in is not."""
    scene = Scene(RESERVED, convention(), compte(cloture=NOW.date()))
    is_refused(await scene.ask(scene.acces.sign_in, asked()), "compte_ferme")
    is_refused(await scene.ask(scene.acces.sign_in, asked("Autre-2026")), "mot_de_passe")


async def test_temporary_password_opens_personalisation_once() -> None:
    scene = Scene(RESERVED, convention(), compte(mot_de_passe=None, provisoire=temporary()))
    decision = await scene.ask(scene.acces.sign_in, asked(TEMPORARY))
    assert written(decision, Session)[0].portee is Portee.PERSONNALISATION
    assert facts(decision)[0].must_change_password is True
    assert decision.result["portee"] == "personnalisation"
    assert scene.compte().provisoire is None
    is_refused(await scene.ask(scene.acces.sign_in, asked(TEMPORARY)), "mot_de_passe")


async def test_two_at_once_with_the_temporary_password_let_one_in() -> None:
    scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
    use_case = scene.acces.sign_in
    first = await scene.prepared(use_case, asked(TEMPORARY))
    second = await scene.prepared(use_case, SignIn(IDENTIFIANT, SOURCE, TEMPORARY, "another"))
    opened, refused = scene.decide(use_case, first, second)
    assert written(opened, Session)
    is_refused(refused, "mot_de_passe")


async def test_personal_password_leaves_the_temporary_one_alone() -> None:
    scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
    decision = await scene.ask(scene.acces.sign_in, asked())
    assert written(decision, Session)[0].portee is Portee.COMPLETE
    assert scene.compte().provisoire == temporary()


@pytest.mark.parametrize("late", [timedelta(), MILLISECOND, timedelta(days=30)])
async def test_temporary_password_is_worth_nothing_from_24_hours_on(late: timedelta) -> None:
    scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
    decision = await scene.ask(scene.acces.sign_in, asked(TEMPORARY), now=NOW + DAY + late)
    is_refused(decision, "mot_de_passe_expire")


async def test_temporary_password_opens_until_the_last_millisecond() -> None:
    scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
    now = NOW + DAY - MILLISECOND
    assert written(await scene.ask(scene.acces.sign_in, asked(TEMPORARY), now=now), Session)


async def test_wrong_temporary_password_is_not_said_to_be_expired() -> None:
    scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
    wrong = asked("fghjk-ABCDE-23456-abcde")
    decision = await scene.ask(scene.acces.sign_in, wrong, now=NOW + DAY)
    is_refused(decision, "mot_de_passe")


@pytest.mark.parametrize(
    ("meanwhile", "motif"),
    [
        (compte(mot_de_passe=hash_of("Nouveau-2026")), "mot_de_passe"),
        (compte(mot_de_passe=None), "mot_de_passe"),
        (compte(cloture=NOW.date()), "compte_ferme"),
    ],
)
async def test_account_that_changed_since_its_password_was_verified_is_refused(
    meanwhile: Compte, motif: str
) -> None:
    scene = Scene(RESERVED, convention(), compte())
    use_case = scene.acces.sign_in
    request = await scene.prepared(use_case, asked())
    scene.stored[meanwhile.key] = meanwhile
    (decision,) = scene.decide(use_case, request)
    is_refused(decision, motif)


async def test_identifiant_of_no_possible_shape_is_unknown() -> None:
    scene = Scene(RESERVED, convention(), compte())
    for typed in (IDENTIFIANT + "X", "", "\0", "' OR 1=1", "{$ne: 1}"):
        decision = await scene.ask(scene.acces.sign_in, asked(identifiant=typed))
        assert decision == Decision(result=REFUSED)


async def test_right_password_of_an_account_that_opens_nothing_counts_as_a_failure() -> None:
    """Else who holds an expired temporary password could make his guesses forgotten with it."""
    late = NOW + DAY
    for scene, password in (
        (Scene(RESERVED, convention(), compte(cloture=NOW.date())), PASSWORD),
        (Scene(RESERVED, convention(etat="suspendue"), compte()), PASSWORD),
        (Scene(RESERVED, convention(), compte(provisoire=temporary())), TEMPORARY),
    ):
        await scene.ask(scene.acces.sign_in, asked(password), now=late)
        assert scene.essais.settled == [("place 1", False, late)]


async def test_during_a_delay_nothing_is_looked_at_and_nothing_told_twice() -> None:
    scene = Scene(RESERVED, convention(), compte())
    scene.essais.refus = Refus(NOW + DAY)
    first = await scene.ask(scene.acces.sign_in, asked())
    assert [fact.TYPE for fact in facts(first)] == ["mcp.identity.user_locked.v1"]
    assert await scene.ask(scene.acces.sign_in, asked()) == Decision(result=REFUSED)
    assert scene.hasher.verified == [None, None]


async def test_hash_of_other_parameters_is_made_anew_at_sign_in() -> None:
    scene = Scene(RESERVED, convention(), compte())
    scene.hasher.outdated = True
    await scene.ask(scene.acces.sign_in, asked())
    assert scene.hasher.hashed == [PASSWORD]
    await scene.ask(scene.acces.sign_in, asked("Autre-2026"))
    assert scene.hasher.hashed == [PASSWORD]


async def test_regles_are_to_be_accepted_until_they_are() -> None:
    scene = Scene(RESERVED, convention(), compte(regles=in_force()))
    decision = await scene.ask(scene.acces.sign_in, asked())
    assert "regles_a_accepter" not in decision.result


async def test_temporary_password_opens_at_23_59_59_and_not_at_24_00_01() -> None:
    second = timedelta(seconds=1)
    for now, opened in ((NOW + DAY - second, True), (NOW + DAY + second, False)):
        scene = Scene(RESERVED, convention(), compte(provisoire=temporary()))
        decision = await scene.ask(scene.acces.sign_in, asked(TEMPORARY), now=now)
        assert bool(written(decision, Session)) is opened


@pytest.mark.parametrize("nobody", [NOBODY, ANYONE.id])
def test_who_is_nobody_is_no_account_that_anybody_could_make(nobody: str) -> None:
    with pytest.raises(ValidationError, match="user_id"):
        create(nobody)
