"""Habilitation needs an account: it is made by our rules, once, or habilitation is told why not."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee, Compte, IdentifiantReserve
from services.identity.domain.demande import Demande
from services.identity.handlers import issuing
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, GenreCompte, Poste
from shared.contracts.conventions import NouvellePersonne, TitreDemande
from shared.contracts.habilitation_demandes import AccountRequested
from shared.contracts.identity import (
    AccountRefused,
    GroupesRequested,
    IdentifiantIssued,
    TemporaryPasswordIssued,
    UserCreated,
)
from shared.errors import Outdated
from shared.path.decision import Decision
from tests.identity.builders import (
    AGENT,
    CAF,
    CONVENTION,
    NOW,
    OTHER_SERVICE,
    Scene,
    compte,
    convention,
    facts,
    groupe,
)

MAIL = "helene.delmas@valfleury.example"


def requested(user_id: str = "u2", *, by: str = AGENT.id, **own: Any) -> AccountRequested:
    """An administrateur is designated, for whom no account is there yet; `own` changes who."""
    values: dict[str, Any] = {"nom": "Delmas", "prenom": "Hélène", "mail": MAIL}
    return AccountRequested(
        user_id=user_id,
        convention_id=CONVENTION,
        caf=CAF,
        personne=NouvellePersonne(**(values | own)),
        titre=TitreDemande.ADMINISTRATEUR,
        asked_by=by,
        at=NOW,
    )


async def answered(scene: Scene, *asked: AccountRequested) -> list[Decision]:
    """What becomes of demands that come in one group."""
    use_case = scene.use_cases.make_requested_account
    prepared = [await scene.prepared(use_case, each, principal=OTHER_SERVICE) for each in asked]
    return scene.decide(use_case, *prepared)


async def refused(scene: Scene, asked: AccountRequested) -> str:
    """The code of the rule that says no; nothing else is told, no account is there."""
    (decision,) = await answered(scene, asked)
    (told,) = facts(decision)
    assert isinstance(told, AccountRefused)
    assert (told.user_id, told.convention_id, told.asked_by, told.titre) == (
        asked.user_id,
        CONVENTION,
        asked.asked_by,
        "administrateur",
    )
    (kept,) = decision.writes
    assert kept == Demande(id=asked.user_id, motif=told.motif, refusee_le=NOW)
    return told.motif


async def test_account_is_made_as_an_agent_would_with_its_two_mails() -> None:
    scene = Scene()
    (decision,) = await answered(scene, requested(poste=Poste.ITINERANT, nom=" Delmas "))
    made = scene.compte("u2")
    assert (made.genre, made.convention_id, made.caf) == (GenreCompte.PARTENAIRE, CONVENTION, CAF)
    assert (made.nom, made.mail, made.poste) == ("Delmas", MAIL, Poste.ITINERANT)
    assert (made.etat, made.ouverture) == (EtatCompte.OUVERT, day_of(NOW))
    created, *mails = facts(decision)
    assert isinstance(created, UserCreated)
    assert (created.created_by, made.created_by) == (AGENT.id, AGENT.id)
    assert [type(each) for each in mails] == [IdentifiantIssued, TemporaryPasswordIssued]
    assert [(each.acte, each.par) for each in made.actes] == [("creation", AGENT.id)]


async def test_convention_that_the_copy_does_not_know_yet_is_no_refusal() -> None:
    scene = Scene()
    del scene.stored[convention().key]
    await answered(scene, requested())
    assert scene.compte("u2").caf == CAF


async def test_caf_that_no_demand_tells_is_that_of_the_convention() -> None:
    scene = Scene(convention(caf="831"))
    await answered(scene, requested().model_copy(update={"caf": None}))
    assert scene.compte("u2").caf == "831"


async def test_suspended_convention_still_gets_its_accounts_and_a_closed_one_none() -> None:
    scene = Scene(convention(etat="suspendue"))
    await answered(scene, requested())
    assert scene.compte("u2").nom == "Delmas"
    today = day_of(NOW)
    for over in (convention(etat="cloturee"), convention(cloture=today)):
        assert await refused(Scene(over), requested()) == "convention_cloturee"
    await answered(Scene(convention(cloture=today + timedelta(days=1))), requested())


@pytest.mark.parametrize(
    ("own", "motif"),
    [
        ({"nom": "http://x.example"}, "nom_invalide"),
        ({"prenom": "?"}, "prenom_invalide"),
        ({"mail": "helene"}, "adresse_invalide"),
        ({"mail": "accueil@valfleury.example"}, "adresse_de_service"),
    ],
)
async def test_rule_of_accounts_that_says_no_is_told_and_costs_no_hash(
    own: dict[str, str], motif: str
) -> None:
    scene = Scene()
    assert await refused(scene, requested(**own)) == motif
    assert scene.hasher.hashed == []


async def test_address_of_another_is_named_only_to_who_may_see_whose_it_is() -> None:
    taken = AdresseReservee(id=MAIL, user_id="u9")
    own, elsewhere = compte("u9"), compte("u9", caf="831", convention_id="20_7")
    for by, holder, motif in (
        (AGENT.id, own, "adresse_deja_utilisee"),
        (AGENT.id, elsewhere, "adresse_indisponible"),
        ("admin", own, "adresse_deja_utilisee"),
        ("admin", elsewhere, "adresse_indisponible"),
        ("resp", own, "adresse_indisponible"),
        ("nobody", own, "adresse_indisponible"),
    ):
        people = (compte("admin"), compte("resp"), groupe("g1", "resp"))
        scene = Scene(convention(administrateurs=("admin",)), *people, taken, holder)
        assert await refused(scene, requested(by=by)) == motif


async def test_address_whose_account_closed_is_free() -> None:
    scene = Scene(AdresseReservee(id=MAIL, user_id="u9"), compte("u9", cloture=day_of(NOW)))
    await answered(scene, requested())
    assert scene.compte("u2").mail == MAIL


async def test_account_that_is_there_is_left_alone_and_costs_no_hash() -> None:
    scene = Scene(compte("u2", nom="Autre"))
    assert await answered(scene, requested()) == [Decision()]
    assert (scene.compte("u2").nom, scene.hasher.hashed) == ("Autre", [])


async def test_id_of_an_account_of_others_is_refused() -> None:
    for other in (compte("u2", convention_id="20_7"), compte("u2", genre=GenreCompte.BAILLEUR)):
        assert await refused(Scene(other), requested()) == "compte_deja_ouvert"


async def test_two_demands_for_one_account_make_it_once() -> None:
    scene = Scene()
    first, second = await answered(scene, requested(), requested())
    assert len(facts(first)) == 3
    assert second == Decision()


async def test_groups_of_a_second_demand_are_told_with_who_asks_for_them() -> None:
    """Two who ask for one person before the first is answered: no group is lost."""
    scene = Scene()
    first = requested().model_copy(update={"groupes": ("g1", "g2")})
    more = requested(by="resp").model_copy(update={"groupes": ("g2", "g3", "g3")})
    made, again, once_more = await answered(scene, first, more, more)
    assert [each.groupes for each in facts(made) if isinstance(each, UserCreated)] == [("g1", "g2")]
    (told,) = facts(again)
    assert isinstance(told, GroupesRequested)
    assert (told.user_id, told.convention_id, told.groupes, told.asked_by) == (
        "u2",
        CONVENTION,
        ("g3",),
        "resp",
    )
    assert scene.compte("u2").groupes_demandes == ("g1", "g2", "g3")
    assert once_more == Decision()


async def test_groups_asked_for_with_an_account_that_was_made_otherwise_are_told() -> None:
    scene = Scene(compte("u2"))
    asked = requested().model_copy(update={"groupes": ("g1",)})
    (decision,) = await answered(scene, asked)
    assert [type(each) for each in facts(decision)] == [GroupesRequested]
    others = Scene(compte("u2", convention_id="20_7"))
    assert await refused(others, asked) == "compte_deja_ouvert"


async def test_two_demands_with_one_address_make_one_account() -> None:
    scene = Scene()
    first, second = await answered(scene, requested("u2"), requested("u3"))
    assert len(facts(first)) == 3
    assert [each.motif for each in facts(second)] == ["adresse_deja_utilisee"]
    assert Compte.key_of("u3") not in scene.stored


async def test_demand_that_is_made_again_with_another_address_is_looked_at_again() -> None:
    scene = Scene()
    await refused(scene, requested(mail="accueil@valfleury.example"))
    await answered(scene, requested())
    assert scene.compte("u2").mail == MAIL


async def test_refusal_told_twice_goes_on_in_the_same_document() -> None:
    scene = Scene(Demande(id="u2", motif="nom_invalide", refusee_le=NOW, version=3, seq=1))
    (decision,) = await answered(scene, requested(mail="helene"))
    (kept,) = decision.writes
    assert (kept.version, kept.seq) == (3, 1)


async def test_identifiants_all_taken_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "draw_identifiant", lambda: "AAA2222AA22")
    scene = Scene(IdentifiantReserve(id="AAA2222AA22", user_id="u9"))
    with pytest.raises(Outdated):
        await answered(scene, requested())


async def test_account_that_was_there_when_it_was_prepared_is_prepared_again() -> None:
    scene = Scene(compte("u2"))
    use_case = scene.use_cases.make_requested_account
    request = await scene.prepared(use_case, requested(), principal=OTHER_SERVICE)
    del scene.stored[Compte.key_of("u2")]
    with pytest.raises(Outdated):
        scene.decide(use_case, request)
