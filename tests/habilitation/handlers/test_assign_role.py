"""AssignRole: one role per group, among what the convention grants; its members have it at once."""

from typing import Any

import pytest

from services.habilitation.domain import adherents
from services.habilitation.domain.errors_groupes import MembreOtherProfil
from services.habilitation.domain.groupe import Groupe
from shared.contracts import conventions as mots
from shared.contracts.conventions import CodeService, EtatService
from shared.contracts.habilitation import RoleAssigned
from shared.contracts.habilitation_commands import AssignRole
from shared.errors import Outdated
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    HABILITEUR,
    MEMBRE,
    NOW,
    OTHER_AGENT,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    SUPPLEANT,
    TODAY,
    Scene,
    appartenance,
    cdap,
    convention,
    days,
    groupe,
    kept,
    membre,
    profil,
    role,
    service,
)


def assignment(
    groupe_id: str = "g2", profil: str | None = "T2", service: CodeService = CodeService.CDAP
) -> AssignRole:
    return AssignRole(convention_id=CONVENTION, groupe_id=groupe_id, service=service, profil=profil)


async def test_a_group_gets_its_role():
    scene = Scene()
    decision = await scene.ask(assignment())
    told: Any = decision.facts[0].fact
    assert isinstance(told, RoleAssigned)
    assert told.role == mots.Role(service="cdap", profil="T2")
    assert (told.assigned_by, told.avertissement, told.role_retire) == (ADMIN.id, None, None)
    assert told.role_attribue == mots.Mention(at=NOW, par=ADMIN.id)
    assert decision.result == {"groupe_id": "g2"}
    assert scene.get(Groupe, "g2").role == role("T2")


async def test_another_role_takes_its_place_and_the_one_before_is_kept():
    scene = Scene()
    (told,) = await scene.facts(assignment("g1", "T2"), RESPONSABLE)
    assert told.role.profil == "T2"
    retire = told.role_retire
    assert (retire.role.profil, retire.at, retire.par) == ("T1", NOW, RESPONSABLE.id)
    assert (told.role_attribue.at, told.role_attribue.par) == (NOW, RESPONSABLE.id)


async def test_the_same_role_again_changes_nothing():
    scene = Scene()
    assert await scene.facts(assignment("g1", "T1")) == []
    assert scene.get(Groupe, "g1").role_retire is None


async def test_a_service_without_profiles_is_the_whole_role():
    (told,) = await Scene().facts(assignment(profil=None, service=CodeService.ADONIS))
    assert (told.role.service, told.role.profil) == ("adonis", None)
    assert told.avertissement is None


@pytest.mark.parametrize(
    ("libelle", "warned"),
    [
        ("T2 Petite enfance", False),
        ("CDAP T2 Petite enfance", False),
        ("cdap t2", False),
        ("T2", False),
        ("T2-PE", False),
        ("T20 Médiateurs", True),
        ("Petite enfance T2", True),
        ("CDAPT2", True),
        ("T1 Assistants sociaux", True),
    ],
)
async def test_a_libelle_that_does_not_begin_with_the_profile_is_warned_of(libelle, warned):
    scene = Scene(groupe("g2", libelle=libelle))
    decision = await scene.ask(assignment())
    told: Any = decision.facts[0].fact
    expected = "libelle_sans_profil" if warned else None
    assert told.avertissement == decision.result.get("avertissement") == expected


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (assignment(profil="T3"), "profil_non_accorde", "profil"),
        (assignment(profil=None), "profil_absent", "profil"),
        (assignment(profil="T9"), "condition_non_confirmee", "profil"),
        (assignment(service=CodeService.ADONIS), "profils_sans_objet", "profil"),
        (assignment(profil=None, service=CodeService.DGFIP), "service_non_ouvert", "service"),
        (assignment(profil=None, service=CodeService.AFAS), "service_reserve", "service"),
        (assignment("over"), "groupe_cloture", "groupe_id"),
        (assignment("g9"), "groupe_inconnu", "groupe_id"),
        (assignment("nothing"), "groupe_inconnu", "groupe_id"),
        (assignment("declarer"), "non_permis", None),
        (assignment("habiliter"), "non_permis", None),
    ],
)
async def test_what_is_refused(asked, code, field):
    refusal = await Scene(groupe("over", cloture=TODAY)).refusal(asked)
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize(
    "signed",
    [
        cdap(eligibilite=None),
        cdap(etat=EtatService.SUSPENDU),
        cdap(etat=EtatService.RESILIE),
        service(CodeService.ADONIS),
    ],
)
async def test_only_of_a_service_that_is_open(signed):
    assert await Scene(convention(services=(signed,))).code(assignment()) == "service_non_ouvert"


async def test_a_condition_confirmed_opens_its_profile():
    confirmed = profil("T9", condition="Désignation par un jugement", condition_confirmee=True)
    scene = Scene(convention(services=(cdap(profils=(confirmed,)),)))
    assert await scene.code(assignment(profil="T9")) is None


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (AGENT, "non_permis"),
        (RESPONSABLE, "groupe_inconnu"),
        (HABILITEUR, "groupe_inconnu"),
        (MEMBRE, "groupe_inconnu"),
        (OTHER_RESPONSABLE, None),
        (SUPPLEANT, None),
    ],
)
async def test_who_may(by, code):
    assert await Scene().code(assignment(), by) == code


async def test_where_the_caf_keeps_the_management_it_assigns():
    scene = Scene(kept())
    assert await scene.code(assignment(), OTHER_RESPONSABLE) == "gestion_non_deleguee"
    assert await scene.code(assignment(), AGENT) is None


async def test_not_to_a_group_whose_member_has_another_profile():
    scene = Scene(groupe("g2", adhesions=1), membre("membre", "g1", "g2"))
    refusal = await scene.refusal(assignment())
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("autre_profil", "groupe_id")
    assert "« T1 Assistants sociaux »" in refusal.said
    assert await scene.code(assignment(profil="T1")) is None


async def test_one_after_the_other_is_fine():
    goes = membre("membre", appartenance("g1", fin=days(5)), appartenance("g2", debut=days(5)))
    assert await Scene(groupe("g2", adhesions=1), goes).code(assignment()) is None


async def test_nobody_assigns_a_role_to_a_group_of_his_own():
    scene = Scene(
        groupe("g2", "autre-resp", adhesions=2),
        membre("admin", appartenance("g2", debut=days(5))),
        membre("autre-resp", "g2"),
    )
    assert await scene.code(assignment(), ADMIN) == "pas_pour_soi"
    assert await scene.code(assignment(), OTHER_RESPONSABLE) == "pas_pour_soi"
    assert await scene.code(assignment(), SUPPLEANT) is None


async def test_not_to_more_people_than_one_transaction_can_look_at(monkeypatch):
    monkeypatch.setattr(adherents, "MOST_ADHERENTS", 1)
    scene = Scene(groupe("g2", adhesions=2), membre("membre", "g2"), membre("simple", "g2"))
    assert await scene.code(assignment()) == "groupe_trop_grand"
    assert await scene.code(assignment(), OTHER_AGENT) == "convention_inconnue"
    assert await Scene(groupe("g2", adhesions=1), membre("membre", "g2")).code(assignment()) is None


async def test_somebody_who_joined_since_is_seen():
    scene = Scene()
    request = await scene.prepared(assignment())
    scene.put(groupe("g2", "autre-resp", adhesions=1), membre("membre", "g1", "g2"))
    with pytest.raises(Outdated):
        scene.decide(request)
    assert await scene.code(assignment()) == "autre_profil"


async def test_what_somebody_got_elsewhere_just_before_is_seen():
    """A member joined another group since the members' groups were named."""
    scene = Scene(groupe("g2", adhesions=1), membre("simple", "g2"))
    request = await scene.prepared(assignment())
    scene.put(membre("simple", "g2", "g1"))
    with pytest.raises(MembreOtherProfil):
        scene.decide(request)
