"""A right explained: the sentence of each link that is missing, and who mends it."""

from dataclasses import replace

import pytest

from shared.contracts.conventions import CodeService, EtatConvention, EtatService
from shared.droits.chaine import Manque, decide
from shared.droits.dossier import Dossier
from shared.droits.explication import EtatMaillon, Explication, explain
from shared.droits.phrases import NomMaillon, Recours
from tests.shared.droits.scene import (
    BAILLEUR,
    CDAP,
    CHEFFE,
    COMPTE,
    CONVENTION,
    DEMAIN,
    HIER,
    JOUR,
    MARS,
    RETIRE,
    declarer,
    dossier,
    groupe,
    habiliter,
    signed,
    since,
)
from tests.shared.droits.test_chaine import MISSING

G1 = groupe()
WITHDRAWN = groupe("g4", None, role_retire=RETIRE)
ALL = [
    NomMaillon.COMPTE,
    NomMaillon.CONVENTION,
    NomMaillon.CONTRAT,
    NomMaillon.BULLETIN,
    NomMaillon.ELIGIBILITE,
    NomMaillon.SERVICE,
    NomMaillon.GROUPE,
    NomMaillon.ROLE,
    NomMaillon.CONDITION,
    NomMaillon.APPARTENANCE,
]


def why(person: Dossier, service: str = CodeService.CDAP) -> Explication:
    return explain(person, service, JOUR, {CHEFFE: "Claire Morel"})


def names(told: Explication) -> list[NomMaillon]:
    return [each.nom for each in told.maillons]


def test_whole_chain_with_versions_and_dates():
    told = why(dossier(G1))
    assert names(told) == ALL
    assert {each.etat for each in told.maillons} == {EtatMaillon.TENU}
    versions = {each.nom: (each.objet, each.version) for each in told.maillons}
    assert versions[NomMaillon.COMPTE] == ("personne", 3)
    assert versions[NomMaillon.CONVENTION] == versions[NomMaillon.CONDITION] == ("19_214", 12)
    assert versions[NomMaillon.ROLE] == ("g1", 7)
    assert versions[NomMaillon.APPARTENANCE] == ("personne", 4)
    assert told.maillons[-1].debut == MARS
    assert told.recours is None
    assert told.phrase.replace("\u00a0", " ") == (
        "Le compte accède à « Consulter dossier (CDAP) », profil T1, par le groupe "
        "« T1 Assistants sociaux »."
    )


@pytest.mark.parametrize(("manque", "lacking"), MISSING)
def test_explanation_stops_at_the_link_that_the_decision_names(manque: Manque, lacking: Dossier):
    told = why(lacking)
    assert told.decision == decide(lacking, CodeService.CDAP, JOUR)
    *held, missing = told.maillons
    assert missing.etat is EtatMaillon.MANQUANT
    assert {each.etat for each in held} <= {EtatMaillon.TENU}
    assert all(each.debut is None or each.debut <= JOUR for each in held)
    assert all(each.fin is None or each.fin > JOUR for each in held)
    assert told.phrase.startswith(missing.phrase)
    assert "{" not in told.phrase
    assert names(told) == sorted(names(told), key=list(NomMaillon).index)


@pytest.mark.parametrize(
    ("person", "phrase", "recours"),
    [
        (
            dossier(WITHDRAWN),
            (
                "Le groupe « T1 Assistants sociaux » n’a plus le rôle "
                "« Consulter dossier (CDAP) », profil T1 : il lui a été retiré le 10 mars 2026 "
                "par Claire Morel."
            ),
            Recours.RESPONSABLE,
        ),
        (
            dossier(groupe("g3", None, libelle="Accueil")),
            "Le groupe « Accueil » n’a pas de rôle : aucun ne lui a jamais été attribué.",
            Recours.RESPONSABLE,
        ),
        (
            dossier((G1, since(G1, fin=HIER))),
            (
                "L’appartenance au groupe « T1 Assistants sociaux » a pris fin le 19 mars 2026 "
                "par Claire Morel."
            ),
            Recours.RESPONSABLE,
        ),
        (
            dossier((G1, since(G1, DEMAIN))),
            "L’appartenance au groupe « T1 Assistants sociaux » ne commence que le 21 mars 2026.",
            Recours.RESPONSABLE,
        ),
        (
            dossier(replace(G1, cloture=HIER)),
            "Le groupe « T1 Assistants sociaux » est clôturé depuis le 19 mars 2026.",
            Recours.ADMINISTRATEUR,
        ),
        (
            dossier(
                G1, convention=signed(CDAP, etat=EtatService.SUSPENDU, motif="Contrôle en cours.")
            ),
            "« Consulter dossier (CDAP) » est suspendu pour cet organisme : Contrôle en cours.",
            Recours.CAF,
        ),
        (
            dossier(
                G1,
                convention=replace(CONVENTION, etat=EtatConvention.SUSPENDUE, motif="Contrôle"),
            ),
            "La convention 19_214 est suspendue : Contrôle.",
            Recours.CAF,
        ),
    ],
)
def test_sentences(person: Dossier, phrase: str, recours: Recours):
    told = why(person)
    assert told.maillons[-1].phrase.replace("\u00a0", " ") == phrase
    assert told.recours is recours
    assert told.phrase.endswith("remédier.") or "à la demande" in told.phrase


def test_names_that_the_reader_may_not_see_are_not_told():
    told = explain(dossier(WITHDRAWN), CodeService.CDAP, JOUR)
    assert told.phrase.split(". ")[0].endswith("le 10 mars 2026")
    assert told.maillons[-1].par == CHEFFE
    assert told.maillons[-1].fin == RETIRE.at.date()


def test_the_caf_mends_what_it_did_not_delegate():
    kept = replace(CONVENTION, gestion_deleguee=False)
    assert why(dossier(convention=kept)).recours is Recours.CAF
    assert why(dossier()).recours is Recours.RESPONSABLE


def test_only_the_caf_opens_an_administrateur_again():
    closed = replace(COMPTE, id=CHEFFE, etat="cloture")
    assert why(dossier(compte=closed)).recours is Recours.CAF
    assert why(dossier(compte=replace(closed, id="autre"))).recours is Recours.RESPONSABLE


def test_the_caf_alone_opens_the_account_of_an_agent_again():
    """No administrateur partenaire has anything to do with an internal account."""
    told = why(Dossier(compte=replace(COMPTE, genre="agent_caf", etat="cloture")))
    assert told.recours is Recours.CAF
    assert told.phrase.endswith("La Caf peut y remédier.")


def test_afas_goes_on_to_what_afas_does_not_tell_yet():
    told = why(dossier(declarer()), CodeService.AFAS)
    assert told.is_granted
    assert [(each.nom, each.etat) for each in told.maillons[-2:]] == [
        (NomMaillon.ROLE_ACTIVITE, EtatMaillon.INCONNU),
        (NomMaillon.VALIDATION_CAF, EtatMaillon.INCONNU),
    ]
    only_habilite = why(dossier(habiliter()), CodeService.AFAS)
    assert names(only_habilite)[-1] is NomMaillon.APPARTENANCE
    assert "les déclarations sont à AFAS-DECLARER" in only_habilite.maillons[-2].phrase


def test_who_mends_the_groups_of_afas():
    """The groups and the members of AFAS-HABILITER are the Caf's, the others the partner's."""
    ended = [(each, since(each, fin=HIER)) for each in (habiliter(), declarer())]
    found = [why(dossier(each), CodeService.AFAS).recours for each in ended]
    assert found == [Recours.CAF, Recours.RESPONSABLE]
    assert why(dossier(declarer(cloture=HIER)), CodeService.AFAS).recours is Recours.CAF


def test_landlord_begins_at_the_injection():
    told = why(Dossier(compte=BAILLEUR), CodeService.BAILLEUR)
    injected = "Le compte a été créé à la suite d’une demande d’aide au logement, le 1er mars 2026."
    assert told.maillons[0].phrase == injected
    assert names(told) == [NomMaillon.INJECTION, NomMaillon.COMPTE]
    assert told.maillons[0].debut == MARS
    closed = why(Dossier(compte=replace(BAILLEUR, etat="cloture")), CodeService.BAILLEUR)
    assert names(closed) == [NomMaillon.INJECTION, NomMaillon.COMPTE]
    assert closed.recours is Recours.CAF
    assert closed.phrase.endswith("La Caf peut y remédier.")
    elsewhere = why(Dossier(compte=BAILLEUR))
    assert elsewhere.recours is None
    assert elsewhere.phrase == "Un compte de bailleur ouvre l’Espace Bailleur et rien d’autre."
