"""The chain of a right: each link, and the first that is missing."""

from dataclasses import replace

import pytest

from shared.contracts.conventions import CodeService, EtatConvention, EtatService
from shared.droits.chaine import NEAREST, Manque, decide
from shared.droits.dossier import Dossier, Role
from shared.droits.phrases import NomMaillon, maillon_of
from tests.shared.droits.scene import (
    ADONIS,
    AFAS,
    BAILLEUR,
    CDAP,
    COMPTE,
    CONVENTION,
    DEMAIN,
    HIER,
    JOUR,
    MARS,
    RETIRE,
    T1,
    T2,
    declarer,
    dossier,
    groupe,
    habiliter,
    signed,
    since,
)

G1 = groupe()
OTHER = groupe("g2", Role(service=CodeService.ADONIS), libelle="Aides à domicile")
NO_ROLE = groupe("g3", None, libelle="Accueil")
WITHDRAWN = groupe("g4", None, role_retire=RETIRE, libelle="T1 Anciens")

MISSING: list[tuple[Manque, Dossier]] = [
    (Manque.COMPTE_INCONNU, dossier(G1, compte=None)),
    (Manque.COMPTE_A_OUVRIR, dossier(G1, compte=replace(COMPTE, ouverture=DEMAIN))),
    (Manque.COMPTE_CLOTURE, dossier(G1, compte=replace(COMPTE, etat="cloture"))),
    (Manque.COMPTE_CLOTURE, dossier(G1, compte=replace(COMPTE, cloture=JOUR))),
    (Manque.COMPTE_INTERNE, dossier(G1, compte=replace(COMPTE, genre="agent_caf"))),
    (Manque.SERVICE_RESERVE, Dossier(compte=BAILLEUR)),
    (Manque.CONVENTION_INCONNUE, dossier(G1, convention=None)),
    (Manque.CONVENTION_INCONNUE, dossier(G1, convention=replace(CONVENTION, id="20_1"))),
    (Manque.CONVENTION_NON_SIGNEE, dossier(G1, convention=replace(CONVENTION, etat="a_signer"))),
    (Manque.CONVENTION_NON_SIGNEE, dossier(G1, convention=replace(CONVENTION, etat="inconnu"))),
    (
        Manque.CONVENTION_SUSPENDUE,
        dossier(G1, convention=replace(CONVENTION, etat=EtatConvention.SUSPENDUE)),
    ),
    (Manque.CONVENTION_CLOTUREE, dossier(G1, convention=replace(CONVENTION, cloture=JOUR))),
    (Manque.CONTRAT_NON_SIGNE, dossier(G1, convention=replace(CONVENTION, contrat=None))),
    (Manque.CONTRAT_NON_SIGNE, dossier(G1, convention=replace(CONVENTION, contrat=DEMAIN))),
    (Manque.BULLETIN_NON_SIGNE, dossier(G1, convention=replace(CONVENTION, services=(AFAS,)))),
    (Manque.BULLETIN_NON_SIGNE, dossier(G1, convention=signed(CDAP, bulletin=DEMAIN))),
    (Manque.BULLETIN_RESILIE, dossier(G1, convention=signed(CDAP, etat=EtatService.RESILIE))),
    (Manque.BULLETIN_RESILIE, dossier(G1, convention=signed(CDAP, etat="autre"))),
    (Manque.ELIGIBILITE_ABSENTE, dossier(G1, convention=signed(CDAP, eligibilite=None))),
    (Manque.SERVICE_SUSPENDU, dossier(G1, convention=signed(CDAP, etat=EtatService.SUSPENDU))),
    (Manque.AUCUN_GROUPE, dossier()),
    (Manque.AUCUN_GROUPE, dossier(G1, membre=None)),
    (Manque.AUCUN_GROUPE, dossier(G1, groupes={})),
    (Manque.AUCUN_GROUPE, dossier(OTHER)),
    (Manque.AUCUN_GROUPE, dossier(replace(G1, convention_id="20_1"))),
    (Manque.AUCUN_GROUPE, dossier(replace(OTHER, role=None, role_retire=None, cloture=HIER))),
    (Manque.AUCUN_GROUPE, dossier((OTHER, since(OTHER, fin=HIER)))),
    (Manque.GROUPE_A_VENIR, dossier(replace(G1, ouverture=DEMAIN))),
    (Manque.GROUPE_A_VENIR, dossier(replace(NO_ROLE, ouverture=DEMAIN))),
    (Manque.GROUPE_A_VENIR, dossier(replace(WITHDRAWN, ouverture=DEMAIN))),
    (Manque.GROUPE_CLOTURE, dossier(replace(G1, cloture=JOUR))),
    (Manque.GROUPE_CLOTURE, dossier(replace(WITHDRAWN, cloture=HIER))),
    (Manque.ROLE_JAMAIS_ATTRIBUE, dossier(NO_ROLE)),
    (Manque.ROLE_RETIRE, dossier(WITHDRAWN)),
    (Manque.ROLE_RETIRE, dossier(replace(OTHER, role_retire=RETIRE))),
    (Manque.PROFIL_NON_ACCORDE, dossier(G1, convention=signed(CDAP, profils=(T2,)))),
    (Manque.PROFIL_NON_ACCORDE, dossier(groupe(role=Role(service=CodeService.CDAP)))),
    (
        Manque.CONDITION_NON_CONFIRMEE,
        dossier(G1, convention=signed(CDAP, profils=(replace(T1, condition_confirmee=False),))),
    ),
    (Manque.APPARTENANCE_A_VENIR, dossier((G1, since(G1, DEMAIN)))),
    (Manque.APPARTENANCE_TERMINEE, dossier((G1, since(G1, fin=JOUR)))),
    (Manque.APPARTENANCE_TERMINEE, dossier((WITHDRAWN, since(WITHDRAWN, fin=HIER)))),
]
"""What is missing, and somebody who lacks just that."""


@pytest.mark.parametrize(("manque", "lacking"), MISSING)
def test_first_missing_link_is_named(manque: Manque, lacking: Dossier):
    decision = decide(lacking, CodeService.CDAP, JOUR)
    assert decision.manque is manque
    assert not decision.is_granted
    assert (decision.profil, decision.portee, decision.groupes) == (None, None, ())


def test_every_code_has_its_case():
    assert {manque for manque, _ in MISSING} == set(Manque)


def test_whoever_has_every_link_has_access():
    decision = decide(dossier(G1), CodeService.CDAP, JOUR)
    assert decision.is_granted
    assert (decision.profil, decision.portee, decision.cafs) == ("T1", "caf", ("931",))
    assert decision.groupes == (G1,)
    assert decision.versions.text() == "c12.m4/g1=7"


def test_bounds_of_days():
    """From the first day on, up to the last one, which is left out."""
    person = dossier((G1, since(G1, JOUR, DEMAIN)))
    granted = [decide(person, CodeService.CDAP, day).is_granted for day in (HIER, JOUR, DEMAIN)]
    assert granted == [False, True, False]


def test_a_signed_convention_opens_on_its_day_told_or_not():
    signee = replace(CONVENTION, etat=EtatConvention.A_SIGNER, validee=True, ouverture=DEMAIN)
    waiting = dossier(G1, convention=signee)
    assert decide(waiting, "cdap", JOUR).manque is Manque.CONVENTION_NON_SIGNEE
    assert decide(waiting, "cdap", DEMAIN).is_granted
    for other in ({"validee": False}, {"validee": None}, {"etat": EtatConvention.SUSPENDUE}):
        stays = dossier(G1, convention=replace(signee, **other))
        assert not decide(stays, "cdap", DEMAIN).is_granted


def test_portee_of_several_caf_and_of_all():
    t2 = groupe(role=Role(service=CodeService.CDAP, profil="T2"))
    assert decide(dossier(t2), CodeService.CDAP, JOUR).cafs == ("931", "781")
    national = signed(CDAP, profils=(replace(T2, portee="nationale"),))
    decision = decide(dossier(t2, convention=national), CodeService.CDAP, JOUR)
    assert (decision.portee, decision.cafs) == ("nationale", ())
    unknown = signed(CDAP, profils=(replace(T2, portee="mondiale"),))
    assert decide(dossier(t2, convention=unknown), CodeService.CDAP, JOUR).cafs == ()


def test_services_without_eligibilite():
    assert decide(dossier(OTHER), CodeService.ADONIS, JOUR).is_granted
    suspended = dossier(OTHER, convention=signed(ADONIS, etat=EtatService.SUSPENDU))
    assert decide(suspended, CodeService.ADONIS, JOUR).manque is Manque.SERVICE_SUSPENDU


def test_landlord_has_his_own_space_without_convention():
    decision = decide(Dossier(compte=BAILLEUR), CodeService.BAILLEUR, JOUR)
    assert decision.is_granted
    assert decision.cafs == ("931",)
    closed = Dossier(compte=replace(BAILLEUR, cloture=HIER))
    assert decide(closed, CodeService.BAILLEUR, JOUR).manque is Manque.COMPTE_CLOTURE


def test_an_organisme_that_lets_needs_its_groups_too():
    assert decide(dossier(), CodeService.BAILLEUR, JOUR).manque is Manque.BULLETIN_NON_SIGNE


def test_declaring_is_told_before_entitling():
    decision = decide(dossier(habiliter(), declarer()), CodeService.AFAS, JOUR)
    assert decision.voie is not None
    assert decision.voie.groupe == declarer()
    assert decision.groupes == (habiliter(), declarer())


def test_one_group_that_gives_is_enough():
    in_all = dossier(NO_ROLE, WITHDRAWN, OTHER, G1)
    assert decide(in_all, CodeService.CDAP, JOUR).groupes == (G1,)


def test_of_several_groups_the_nearest_is_told():
    later = groupe("g5", ouverture=DEMAIN)
    ended = (G1, since(G1, fin=HIER))
    for held, manque in (
        ((NO_ROLE, ended), Manque.APPARTENANCE_TERMINEE),
        ((WITHDRAWN, ended), Manque.ROLE_RETIRE),
        ((WITHDRAWN, NO_ROLE, later), Manque.GROUPE_A_VENIR),
        ((WITHDRAWN, replace(NO_ROLE, ouverture=DEMAIN)), Manque.ROLE_RETIRE),
        ((later, (G1, since(G1, DEMAIN))), Manque.APPARTENANCE_A_VENIR),
    ):
        assert decide(dossier(*held), CodeService.CDAP, JOUR).manque is manque


def test_of_two_that_ended_the_last_is_told():
    other = groupe("g6")
    first, last = (G1, since(G1, MARS, HIER)), (other, since(other, MARS, JOUR))
    for held in ((first, last), (last, first)):
        decision = decide(dossier(*held), CodeService.CDAP, JOUR)
        assert decision.voie is not None
        assert decision.voie.groupe.id == "g6"


def test_nearest_ranks_every_link_of_a_group():
    of_groupe = {NomMaillon.GROUPE, NomMaillon.ROLE, NomMaillon.CONDITION, NomMaillon.APPARTENANCE}
    ranked = {each for each in Manque if maillon_of(each) in of_groupe} - {Manque.AUCUN_GROUPE}
    assert set(NEAREST) == ranked
