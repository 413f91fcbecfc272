"""A dossier made of documents decides as one made of facts."""

from datetime import date
from typing import Any

from services.habilitation.domain.convention import Contrat
from services.habilitation.domain.dossier import dossier_of
from services.habilitation.domain.groupe import Groupe, RoleRetire
from services.habilitation.domain.vie_groupe import delete_groupe
from shared.contracts.conventions import CodeService, EtatConvention
from shared.droits.chaine import Manque, decide
from shared.droits.dossier import Dossier
from tests.habilitation.builders import (
    NOW,
    OPENED,
    SIGNED,
    TODAY,
    appartenance,
    convention,
    days,
    groupe,
    membre,
    personne,
    role,
)

T1 = groupe("g1", role=role("T1"), seq=4)


def made(*groupes: Groupe, **of_convention: Any) -> Dossier:
    member = membre("membre", *(each.id for each in groupes), seq=2)
    return dossier_of(personne("membre"), convention(seq=9, **of_convention), member, groupes)


def manque(dossier: Dossier, day: date = TODAY) -> Manque | None:
    return decide(dossier, CodeService.CDAP, day).manque


def test_documents_give_what_their_facts_give():
    decision = decide(made(T1), CodeService.CDAP, TODAY)
    assert decision.is_granted
    assert decision.profil == "T1"
    assert decision.versions.text() == "c9.m2/g1=4"
    dossier = made(T1)
    assert dossier.convention is not None
    assert dossier.convention.administrateurs == ("admin", "suppleant")
    assert (dossier.convention.contrat, dossier.convention.gestion_deleguee) == (OPENED, True)


def test_a_convention_is_what_the_calendar_says():
    validated: dict[str, Any] = {"etat": EtatConvention.A_SIGNER, "ouverture": TODAY}
    assert manque(made(T1, **validated)) is None
    assert manque(made(T1, **validated), days(-1)) is Manque.CONVENTION_NON_SIGNEE
    assert manque(made(T1, contrat=None)) is Manque.CONTRAT_NON_SIGNE
    kept = Contrat(signe_le=OPENED, gestion_deleguee=False)
    assert manque(made(T1, contrat=kept)) is None


def test_what_was_never_made_gives_nothing():
    assert manque(dossier_of(None, None, None, ())) is Manque.COMPTE_INCONNU
    alone = dossier_of(personne("simple"), convention(), None, ())
    assert manque(alone) is Manque.AUCUN_GROUPE


def test_a_group_that_was_deleted_gives_nothing():
    deleted = delete_groupe(T1, None, None, NOW).writes[0]
    assert isinstance(deleted, Groupe)
    assert manque(made(deleted)) is Manque.GROUPE_CLOTURE


def test_roles_withdrawn_and_memberships_ended_say_by_whom():
    withdrawn = groupe("g1", role_retire=RoleRetire(role=role("T1"), at=SIGNED, par="admin"))
    decision = decide(made(withdrawn), CodeService.CDAP, TODAY)
    assert decision.manque is Manque.ROLE_RETIRE
    ended = appartenance("g1", fin=TODAY).model_copy(update={"fin_par": "resp"})
    dossier = dossier_of(personne("membre"), convention(), membre("membre", ended), (T1,))
    decision = decide(dossier, CodeService.CDAP, TODAY)
    assert decision.manque is Manque.APPARTENANCE_TERMINEE
    assert decision.voie is not None
    assert decision.voie.appartenance.fin_par == "resp"
