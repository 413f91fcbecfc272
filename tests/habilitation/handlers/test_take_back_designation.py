"""Identity made no account: who was designated is relieved, his groups fall to who named him."""

from typing import Any

from services.habilitation.domain.afas import CODES
from services.habilitation.domain.convention import Administrateur, Convention
from services.habilitation.domain.groupe import CodeReserve, Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import NatureGroupe, Rang, TitreDemande
from shared.contracts.habilitation import (
    AdministrateurRelieved,
    AppartenanceEnded,
    GroupeUpdated,
)
from shared.contracts.habilitation_commands import DesignateAdministrateur
from shared.contracts.identity import AccountRefused
from shared.path.decision import Decision
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    ITSELF,
    NOW,
    OTHER_CONVENTION,
    SIGNED,
    TODAY,
    Scene,
    convention,
    days,
    groupe,
    membre,
    nouvelle,
    personne,
)

NEW = "nouveau"


def refused(**own: Any) -> AccountRefused:
    values: dict[str, Any] = {
        "user_id": NEW,
        "convention_id": CONVENTION,
        "titre": TitreDemande.ADMINISTRATEUR,
        "motif": "adresse_deja_utilisee",
        "asked_by": AGENT.id,
        "at": NOW,
    }
    return AccountRefused(**(values | own))


def principal_only(*more: Administrateur) -> Convention:
    named = Administrateur(user_id="admin", rang=Rang.PRINCIPAL, depuis=SIGNED)
    return convention(administrateurs=(named, *more))


def designated() -> Convention:
    return principal_only(Administrateur(user_id=NEW, rang=Rang.SUPPLEANT, depuis=NOW))


async def test_administrateur_without_an_account_is_relieved_and_told_why() -> None:
    scene = Scene(designated())
    (relieved,) = await scene.facts(refused(), ITSELF)
    assert isinstance(relieved, AdministrateurRelieved)
    assert (relieved.user_id, relieved.refus) == (NEW, "adresse_deja_utilisee")
    assert relieved.administrateurs == ("admin",)
    assert not scene.get(Convention, CONVENTION).is_administrateur(NEW)


async def test_rang_is_free_for_another_designation() -> None:
    scene = Scene(principal_only())
    asked = DesignateAdministrateur(
        convention_id=CONVENTION, user_id=NEW, rang=Rang.SUPPLEANT, personne=nouvelle()
    )
    await scene.ask(asked, AGENT)
    assert await scene.code(asked.model_copy(update={"user_id": "autre"}), AGENT) is not None
    await scene.ask(refused(), ITSELF)
    assert await scene.code(asked, AGENT) is None


async def test_he_leaves_afas_habiliter_with_it() -> None:
    habiliter = CodeReserve(
        id=CodeReserve.id_for(CONVENTION, CODES[NatureGroupe.AFAS_HABILITER]), groupe_id="habiliter"
    )
    scene = Scene(designated(), habiliter, membre(NEW, "habiliter"))
    told = await scene.facts(refused(), ITSELF)
    assert [type(each) for each in told] == [AdministrateurRelieved, AppartenanceEnded]
    left = scene.get(Membre, NEW).appartenances
    assert [(each.groupe_id, each.fin, each.fin_par) for each in left] == [
        ("habiliter", TODAY, AGENT.id)
    ]


async def test_groups_of_a_responsable_without_an_account_fall_to_who_named_him() -> None:
    scene = Scene(
        groupe("n1", NEW),
        groupe("n2", NEW, cloture=days(-1), cloture_dite=True),
        groupe("n3", NEW, supprime=True),
        groupe("n9", NEW, convention_id=OTHER_CONVENTION),
    )
    told = await scene.facts(refused(titre=TitreDemande.RESPONSABLE, asked_by="admin"), ITSELF)
    assert [type(each) for each in told] == [GroupeUpdated, GroupeUpdated]
    assert {(each.groupe_id, each.responsable_id) for each in told} == {
        ("n1", "admin"),
        ("n2", "admin"),
    }
    assert scene.get(Groupe, "n9").responsable_id == NEW
    assert scene.get(Groupe, "n3").responsable_id == NEW


async def test_group_that_has_another_responsable_by_now_is_left_alone() -> None:
    scene = Scene(groupe("n1", NEW))
    request = await scene.prepared(refused(titre=TitreDemande.RESPONSABLE), ITSELF)
    scene.put(groupe("n1", "resp"))
    assert scene.decide(request) == [Decision()]


async def test_what_hangs_on_an_account_that_was_made_since_stays() -> None:
    scene = Scene(designated(), groupe("n1", NEW), personne(NEW))
    assert await scene.ask(refused(), ITSELF) == Decision()


async def test_account_of_others_with_that_id_takes_nothing_back_from_them() -> None:
    theirs = personne(NEW, convention_id=OTHER_CONVENTION)
    scene = Scene(designated(), theirs, groupe("n9", NEW, convention_id=OTHER_CONVENTION))
    (relieved,) = await scene.facts(refused(motif="compte_deja_ouvert"), ITSELF)
    assert relieved.convention_id == CONVENTION
    assert scene.get(Groupe, "n9").responsable_id == NEW


async def test_refusal_that_comes_again_or_about_nobody_does_nothing() -> None:
    scene = Scene(designated())
    await scene.ask(refused(), ITSELF)
    assert await scene.ask(refused(), ITSELF) == Decision()
    assert await scene.ask(refused(convention_id="99_1"), ITSELF) == Decision()
