"""WithdrawRole: the role goes, what it was stays: never assigned differs from withdrawn."""

import pytest

from services.habilitation.domain.groupe import Groupe
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation import RoleWithdrawn
from shared.contracts.habilitation_commands import AssignRole, WithdrawRole
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    NOW,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    TODAY,
    Scene,
    groupe,
    membre,
    role,
)


def withdrawal(groupe_id: str = "g1") -> WithdrawRole:
    return WithdrawRole(convention_id=CONVENTION, groupe_id=groupe_id)


async def test_a_role_withdrawn_is_kept_with_when_and_by_whom():
    scene = Scene()
    (told,) = await scene.facts(withdrawal(), RESPONSABLE)
    assert isinstance(told, RoleWithdrawn)
    assert told.role is None
    retire = told.role_retire
    assert retire is not None
    assert (retire.role.profil, retire.at, retire.par) == ("T1", NOW, RESPONSABLE.id)
    assert scene.get(Groupe, "g1").role is None
    assert told.role_attribue is None


async def test_it_stays_kept_when_another_is_assigned():
    scene = Scene()
    await scene.ask(withdrawal())
    assigned = AssignRole(
        convention_id=CONVENTION, groupe_id="g1", service=CodeService.CDAP, profil="T2"
    )
    (told,) = await scene.facts(assigned)
    assert told.role.profil == "T2"
    assert told.role_retire.role.profil == "T1"


@pytest.mark.parametrize(
    ("groupe_id", "by", "code"),
    [
        ("g2", OTHER_RESPONSABLE, "role_absent"),
        ("g1", OTHER_RESPONSABLE, "groupe_inconnu"),
        ("g9", RESPONSABLE, "groupe_inconnu"),
        ("declarer", RESPONSABLE, "groupe_inconnu"),
        ("declarer", AGENT, "non_permis"),
        ("g1", AGENT, "non_permis"),
    ],
)
async def test_what_is_refused(groupe_id, by, code):
    assert await Scene().code(withdrawal(groupe_id), by) == code


async def test_one_may_give_up_his_own_right_and_that_of_a_closed_group():
    scene = Scene(groupe("g1", role=role("T1"), cloture=TODAY), membre("admin", "g1"))
    assert await scene.code(withdrawal()) is None
