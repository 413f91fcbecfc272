"""What is known of a person changes, what is left out stays; an address moves with its keeping."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.errors import (
    ClotureBeforeOuverture,
    FonctionsMissing,
    FonctionsOfAgents,
    MailInvalid,
    MailOfService,
    MailTaken,
    MailUnavailable,
    NomInvalid,
    NotPermitted,
    OuvertureOver,
    OuverturePast,
    PrenomInvalid,
    UserUnknown,
)
from services.identity.domain.historique import NatureActe
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, Fonction, Poste
from shared.contracts.identity import (
    IdentifiantIssued,
    TemporaryPasswordIssued,
    UserMailChanged,
    UserUpdated,
)
from shared.contracts.identity_commands import ModifyUser
from shared.errors import Outdated, Refusal
from shared.path.decision import Decision
from shared.security.principal import Principal
from tests.identity.builders import (
    AGENT,
    CAF,
    ITSELF,
    NOW,
    PARTNER,
    Scene,
    agent,
    compte,
    convention,
    facts,
    partner,
    temporary,
    written,
)

BEFORE = AdresseReservee(id="zoe@commune.example", user_id="u1")


def modify(user_id: str = "u1", **changes: Any) -> ModifyUser:
    return ModifyUser(user_id=user_id, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"nom": "Durand"},
        {"prenom": "Zoë"},
        {"telephone": "+33 6 00 00 00 00"},
        {"poste": Poste.ITINERANT},
        {"nom": "Durand", "poste": Poste.ITINERANT},
    ],
)
async def test_what_is_left_out_stays(changes: dict[str, Any]) -> None:
    before = compte(provisoire=temporary())
    scene = Scene(before)
    decision = await scene.ask(scene.use_cases.modify_user, modify(**changes))
    assert scene.compte().changed(actes=()) == before.changed(**changes)
    assert [(each.acte, each.par) for each in scene.compte().actes] == [
        (NatureActe.MODIFICATION, AGENT.id)
    ]
    (fact,) = facts(decision)
    assert isinstance(fact, UserUpdated)
    assert (fact.updated_by, fact.at) == (AGENT.id, NOW)
    assert {name: getattr(fact, name) for name in changes} == changes
    assert fact.mail == before.mail
    assert decision.result == {"user_id": "u1"}


@pytest.mark.parametrize("changes", [{}, {"nom": " Été-Durand "}, {"mail": "ZOE@commune.example"}])
async def test_what_changes_nothing_tells_nothing(changes: dict[str, Any]) -> None:
    scene = Scene(compte(), BEFORE)
    decision = await scene.ask(scene.use_cases.modify_user, modify(**changes))
    assert decision == Decision(result={"user_id": "u1"})


async def test_number_may_be_taken_away() -> None:
    scene = Scene(compte())
    (fact,) = facts(await scene.ask(scene.use_cases.modify_user, modify(telephone="")))
    assert (fact.telephone, scene.compte().telephone) == (None, None)


async def test_opening_day_moves_until_it_has_come() -> None:
    today = day_of(NOW)
    later, last = today + timedelta(days=2), today + timedelta(days=9)
    waiting = compte(etat=EtatCompte.A_OUVRIR, ouverture=later, cloture=last)
    scene = Scene(waiting)
    (fact,) = facts(await scene.ask(scene.use_cases.modify_user, modify(ouverture=today)))
    assert (fact.ouverture, scene.compte().etat) == (today, EtatCompte.A_OUVRIR)
    for before, asked, refusal in (
        (waiting, today - timedelta(days=1), OuverturePast),
        (waiting, last, ClotureBeforeOuverture),
        (compte(), later, OuvertureOver),
    ):
        with pytest.raises(refusal):
            await Scene(before).ask(scene.use_cases.modify_user, modify(ouverture=asked))


async def test_sessions_end_where_somebody_else_changes_the_address() -> None:
    scene = Scene(compte(epoque=2), BEFORE)
    await scene.ask(scene.use_cases.modify_user, modify(mail="z.durand@commune.example"))
    assert scene.compte().epoque == 3


async def test_second_of_a_group_keeps_what_the_first_changed() -> None:
    scene = Scene(compte())
    use_case = scene.use_cases.modify_user
    requests = [
        await scene.prepared(use_case, modify(nom=" Durand ")),
        await scene.prepared(use_case, modify(prenom="Zoë")),
    ]
    _, second = scene.decide(use_case, *requests)
    (fact,) = facts(second)
    assert (fact.nom, fact.prenom) == ("Durand", "Zoë")


async def test_new_address_is_told_with_the_old_one_and_takes_its_place() -> None:
    scene = Scene(compte(), BEFORE)
    asked = modify(mail=" Zoe.Durand@Commune.Example ", nom="Durand")
    decision = await scene.ask(scene.use_cases.modify_user, asked)
    (fact,) = facts(decision)
    assert isinstance(fact, UserMailChanged)
    assert (fact.mail, fact.ancienne_mail) == ("zoe.durand@commune.example", BEFORE.id)
    assert (fact.nom, fact.changed_by) == ("Durand", AGENT.id)
    assert (fact.administrateur, fact.caf) == (False, CAF)
    assert {each.id: each.user_id for each in written(decision, AdresseReservee)} == {
        "zoe.durand@commune.example": "u1",
        BEFORE.id: None,
    }
    assert fact.generation == 1  # what went to the address before opens nothing
    assert scene.compte().mot_de_passe == compte().mot_de_passe
    assert scene.hasher.hashed == []


@pytest.mark.parametrize(
    "waiting",
    [
        compte(provisoire=temporary()),
        compte(mot_de_passe=None, provisoire=temporary()),
        compte(mot_de_passe=None),  # it expired
    ],
)
async def test_who_waits_for_a_temporary_password_gets_both_mails_at_the_new_address(
    waiting: Compte,
) -> None:
    scene = Scene(waiting, BEFORE)
    asked = modify(mail="juste@commune.example", nom="Durand")
    changed, identifiant, password = facts(await scene.ask(scene.use_cases.modify_user, asked))
    assert isinstance(changed, UserMailChanged)
    assert changed.generation == 1
    assert isinstance(identifiant, IdentifiantIssued)
    assert isinstance(password, TemporaryPasswordIssued)
    assert (identifiant.generation, password.generation) == (2, 2)
    assert {(each["to"], each["nom"]) for each in scene.sealer.sealed} == {
        ("juste@commune.example", "Durand")
    }
    assert {each["issued_at"] for each in scene.sealer.sealed} == {NOW.isoformat()}
    assert scene.compte().provisoire is not None
    assert scene.compte().generation == 2


@pytest.mark.parametrize(
    "account",
    [
        compte(generation=0, emission=0, mot_de_passe=None, etat=EtatCompte.A_OUVRIR),
        compte(mot_de_passe=None, etat=EtatCompte.CLOTURE, cloture=date(2025, 3, 1)),
    ],
)
async def test_account_that_is_not_open_gets_no_mails(account: Compte) -> None:
    scene = Scene(account, BEFORE)
    asked = modify(mail="juste@commune.example")
    (fact,) = facts(await scene.ask(scene.use_cases.modify_user, asked))
    assert isinstance(fact, UserMailChanged)
    assert scene.hasher.hashed == []


async def test_who_may_not_costs_no_hash() -> None:
    scene = Scene(compte(mot_de_passe=None, provisoire=temporary()), BEFORE)
    asked = modify(mail="juste@commune.example")
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.modify_user, asked, principal=PARTNER)
    assert scene.hasher.hashed == []


async def test_password_drawn_meanwhile_has_it_prepared_again() -> None:
    scene = Scene(compte(provisoire=temporary()), BEFORE)
    use_case, asked = scene.use_cases.modify_user, modify(mail="juste@commune.example")
    request = await scene.prepared(use_case, asked)
    scene.stored[scene.compte().key] = scene.compte().changed(generation=2)
    with pytest.raises(Outdated):
        scene.decide(use_case, request)


async def test_new_address_of_an_administrateur_says_so() -> None:
    scene = Scene(compte(), BEFORE, convention(administrateurs=("u1",)))
    decision = await scene.ask(scene.use_cases.modify_user, modify(mail="z@commune.example"))
    assert facts(decision)[0].administrateur is True


async def test_same_address_is_no_change_of_address() -> None:
    scene = Scene(compte(), BEFORE)
    decision = await scene.ask(scene.use_cases.modify_user, modify(mail="ZOE@commune.example"))
    assert facts(decision) == []


async def test_address_of_another_open_account_is_refused() -> None:
    taken = AdresseReservee(id="autre@commune.example", user_id="u9")
    asked = modify(mail="autre@commune.example")
    for holder, refusal in ((compte("u9"), MailTaken), (compte("u9", caf="831"), MailUnavailable)):
        scene = Scene(compte(), BEFORE, taken, holder)
        with pytest.raises(refusal):
            await scene.ask(scene.use_cases.modify_user, asked)
    scene = Scene(compte(), BEFORE, taken, compte("u9", cloture=day_of(NOW)))
    await scene.ask(scene.use_cases.modify_user, asked)
    assert scene.compte().mail == taken.id
    scene = Scene(compte(), BEFORE, taken.changed(user_id=None))
    await scene.ask(scene.use_cases.modify_user, asked)
    assert scene.compte().mail == "autre@commune.example"


async def test_two_of_a_group_do_not_get_one_address() -> None:
    scene = Scene(compte(), BEFORE, compte("u2", mail="deux@commune.example"))
    use_case, mail = scene.use_cases.modify_user, "nouvelle@commune.example"
    requests = [await scene.prepared(use_case, modify(each, mail=mail)) for each in ("u1", "u2")]
    with pytest.raises(MailTaken):
        scene.decide(use_case, *requests)


async def test_closed_account_keeps_no_address_to_itself() -> None:
    closed = compte(etat=EtatCompte.CLOTURE, cloture=date(2025, 3, 1))
    taken = AdresseReservee(id="autre@commune.example", user_id="u9")
    scene = Scene(closed, taken)
    decision = await scene.ask(scene.use_cases.modify_user, modify(mail=taken.id))
    assert written(decision, AdresseReservee) == []
    assert scene.compte().mail == taken.id


async def test_functions_are_an_agents() -> None:
    scene = Scene(compte(), agent("a2"))
    use_case = scene.use_cases.modify_user
    asked = (Fonction.SUPERVISION_CDAP, Fonction.HABILITATIONS, Fonction.SUPERVISION_CDAP)
    decision = await scene.ask(use_case, modify("a2", fonctions=asked))
    assert facts(decision)[0].fonctions == ("habilitations", "supervision_cdap")
    with pytest.raises(FonctionsOfAgents):
        await scene.ask(use_case, modify(fonctions=asked))
    with pytest.raises(FonctionsMissing):
        await scene.ask(use_case, modify("a2", fonctions=()))


@pytest.mark.parametrize(
    ("principal", "refusal"),
    [(PARTNER, NotPermitted), (ITSELF, NotPermitted), (partner("u9"), NotPermitted)],
)
async def test_who_may_not_is_refused(principal: Principal, refusal: type[Refusal]) -> None:
    scene = Scene(compte())
    with pytest.raises(refusal):
        await scene.ask(scene.use_cases.modify_user, modify(nom="Durand"), principal=principal)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"nom": "a\nb"}, NomInvalid),
        ({"prenom": "=?x"}, PrenomInvalid),
        ({"mail": "a@b.example\r\nBcc: c@d.example"}, MailInvalid),
        ({"mail": "contact@commune.example"}, MailOfService),
    ],
)
async def test_what_forges_a_mail_or_is_a_service_is_refused(
    changes: dict[str, str], refusal: type[Refusal]
) -> None:
    scene = Scene(compte())
    with pytest.raises(refusal):
        await scene.ask(scene.use_cases.modify_user, modify(**changes))


async def test_unknown_account_is_refused() -> None:
    scene = Scene()
    with pytest.raises(UserUnknown):
        await scene.ask(scene.use_cases.modify_user, modify(nom="Durand"))
