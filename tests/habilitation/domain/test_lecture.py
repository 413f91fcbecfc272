"""Documents that several commands of a group share: each takes what it has need of."""

from services.habilitation.domain import lecture
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.path.decision import State
from tests.habilitation.builders import (
    ADMIN,
    CONVENTION,
    HABILITEUR,
    TODAY,
    groupe,
    membre,
    personne,
)


def test_memberships_loaded_for_another_command_need_not_be_complete() -> None:
    state = State({each.key: each for each in (personne("admin"), membre("admin", "g1"))})
    assert lecture.demandeur(ADMIN, state, TODAY).groupes == ()
    state.put(groupe("g1"))
    assert [each.id for each in lecture.demandeur(ADMIN, state, TODAY).groupes] == ["g1"]


def test_a_partner_acts_on_a_group_by_his_own_groups_too() -> None:
    on_convention = lecture.keys(HABILITEUR, CONVENTION)
    assert Membre.key_of("habiliteur") not in on_convention
    on_groupe = lecture.keys(HABILITEUR, CONVENTION, "declarer")
    assert {Membre.key_of("habiliteur"), Groupe.key_of("declarer")} <= set(on_groupe)
    state = State({each.key: each for each in (membre("habiliteur", "habiliter"),)})
    assert lecture.more_keys(HABILITEUR, state, TODAY) == [Groupe.key_of("habiliter")]


def test_who_is_unknown_has_nothing() -> None:
    state = State({Personne.key_of("admin"): None})
    demandeur = lecture.demandeur(ADMIN, state, TODAY)
    assert (demandeur.personne, demandeur.groupes) == (None, ())
