"""A right explained: the sentence of each link that is missing, and who mends it."""

from dataclasses import replace
from datetime import date

import pytest

from shared.contracts.conventions import CodeService, EtatConvention, EtatService
from shared.droits.chaine import Manque, decide
from shared.droits.dossier import Appartenance, Dossier, Groupe
from shared.droits.explication import EtatMaillon, Explication, explain
from shared.droits.mots import Lecteur
from shared.droits.phrases import NomMaillon, Recours
from tests.shared.droits.scene import (
    AGENT,
    BAILLEUR,
    CDAP,
    CHEFFE,
    COMPTE,
    CONVENTION,
    DEMAIN,
    HIER,
    JOUR,
    MARS,
    REPRIS,
    RETIRE,
    ROLE_T1,
    SUSPENDU,
    T1,
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
    return explain(person, service, JOUR, Lecteur({CHEFFE: "Claire Morel"}))


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
    assert all(each.version is not None for each in told.maillons)
    assert {each.nom: each.debut for each in told.maillons} == dict.fromkeys(ALL, MARS) | {
        NomMaillon.ROLE: date(2026, 3, 3),
        NomMaillon.CONDITION: date(2026, 3, 2),
    }
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
            (
                "« Consulter dossier (CDAP) » est suspendu par la Caf pour cet organisme : "
                "Contrôle en cours."
            ),
            Recours.CAF,
        ),
        (
            dossier(
                G1,
                convention=replace(CONVENTION, etat=EtatConvention.SUSPENDUE, motif="Contrôle"),
            ),
            "La convention 19_214 est suspendue par la Caf : Contrôle.",
            Recours.CAF,
        ),
        (
            dossier(
                G1,
                convention=replace(
                    CONVENTION,
                    etat=EtatConvention.SUSPENDUE,
                    motif="Contrôle",
                    suspension=SUSPENDU,
                ),
            ),
            "La convention 19_214 est suspendue par la Caf depuis le 12 mars 2026 : Contrôle.",
            Recours.CAF,
        ),
        (
            dossier(
                G1,
                convention=signed(
                    CDAP, etat=EtatService.SUSPENDU, motif="Contrôle", suspension=SUSPENDU
                ),
            ),
            (
                "« Consulter dossier (CDAP) » est suspendu par la Caf pour cet organisme "
                "depuis le 12 mars 2026 : Contrôle."
            ),
            Recours.CAF,
        ),
        (
            dossier(G1, convention=signed(CDAP, etat=EtatService.RESILIE, resiliation=SUSPENDU)),
            (
                "Le bulletin d’adhésion à « Consulter dossier (CDAP) » est résilié "
                "depuis le 12 mars 2026."
            ),
            Recours.CAF,
        ),
        (
            dossier(
                G1,
                convention=replace(
                    CONVENTION, etat=EtatConvention.A_SIGNER, validee=True, ouverture=DEMAIN
                ),
            ),
            "La convention 19_214 n’est pas encore ouverte : elle ouvrira le 21 mars 2026.",
            Recours.CAF,
        ),
    ],
)
def test_sentences(person: Dossier, phrase: str, recours: Recours):
    told = why(person)
    assert told.maillons[-1].phrase.replace("\u00a0", " ") == phrase
    assert told.recours is recours
    assert told.phrase.endswith("remédier.") or "à la demande" in told.phrase


def said(told: Explication) -> dict[NomMaillon, str]:
    return {each.nom: each.phrase.replace("\u00a0", " ") for each in told.maillons}


def test_since_when_and_by_whom_each_link_holds():
    resumed = replace(CONVENTION, services=(replace(CDAP, reprise=REPRIS),), reprise=REPRIS)
    told = why(dossier(G1, convention=resumed))
    phrases = said(told)
    assert phrases[NomMaillon.CONVENTION] == (
        "La convention 19_214 (Mairie de Valfleury) est ouverte depuis le 1er mars 2026 ; "
        "sa suspension a été levée le 16 mars 2026."
    )
    assert phrases[NomMaillon.SERVICE] == (
        "« Consulter dossier (CDAP) » n’est plus suspendu depuis le 16 mars 2026."
    )
    assert phrases[NomMaillon.ROLE] == (
        "Le groupe a depuis le 3 mars 2026 le rôle « Consulter dossier (CDAP) », profil T1, "
        "attribué par Claire Morel."
    )
    assert phrases[NomMaillon.CONDITION] == (
        "La Caf a confirmé le 2 mars 2026 la condition du profil T1."
    )
    par = {each.nom: each.par for each in told.maillons if each.par is not None}
    assert par == {NomMaillon.ROLE: CHEFFE, NomMaillon.CONDITION: AGENT}
    assert said(why(dossier(G1)))[NomMaillon.SERVICE] == (
        "« Consulter dossier (CDAP) » est signé depuis le 1er mars 2026, et n’est pas suspendu."
    )


def test_what_was_told_before_days_were_is_explained_without_them():
    before = replace(CDAP, profils=(replace(T1, confirmation=None),))
    told = why(
        dossier(replace(G1, role_attribue=None), convention=replace(CONVENTION, services=(before,)))
    )
    phrases = said(told)
    assert told.is_granted
    assert phrases[NomMaillon.ROLE] == (
        "Le groupe a le rôle « Consulter dossier (CDAP) », profil T1."
    )
    assert phrases[NomMaillon.CONDITION] == "La Caf a confirmé la condition du profil T1."


@pytest.mark.parametrize(
    "held",
    [
        groupe("secret", libelle="Secret"),
        replace(WITHDRAWN, id="secret", libelle="Secret"),
        groupe("secret", None, libelle="Secret"),
        groupe("secret", libelle="Secret", cloture=HIER),
        groupe("secret", libelle="Secret", ouverture=DEMAIN),
        groupe("secret", replace(ROLE_T1, profil="T5"), libelle="Secret"),
        (groupe("secret", libelle="Secret"), Appartenance(groupe_id="secret", debut=DEMAIN)),
        (
            groupe("secret", libelle="Secret"),
            Appartenance(groupe_id="secret", debut=MARS, fin=HIER, fin_par=CHEFFE),
        ),
    ],
)
def test_a_group_that_the_reader_may_not_see_is_another_one(
    held: Groupe | tuple[Groupe, Appartenance],
):
    person = dossier(held, groupe("vu", None))
    told = explain(person, CodeService.CDAP, JOUR, Lecteur(groupes=frozenset({"vu"})))
    whole = explain(person, CodeService.CDAP, JOUR)
    assert [(each.nom, each.etat) for each in told.maillons] == [
        (each.nom, each.etat) for each in whole.maillons
    ]
    assert "autre groupe" in told.phrase
    assert "le autre" not in told.phrase
    shown = f"{told.phrase}{told.maillons}{told.versions.text()}"
    assert "Secret" in whole.phrase
    assert "ecret" not in shown
    assert CHEFFE not in shown
    assert [each.version for each in told.maillons] == [each.version for each in whole.maillons]


def test_sentences_about_another_group_are_french():
    lecteur = Lecteur(groupes=frozenset())
    given = explain(dossier(G1), CodeService.CDAP, JOUR, lecteur)
    assert given.phrase.endswith("profil T1, par un autre groupe.")
    assert said(given)[NomMaillon.GROUPE] == "Un autre groupe est ouvert depuis le 1er mars 2026."
    ended = explain(dossier((G1, since(G1, fin=HIER))), CodeService.CDAP, JOUR, lecteur)
    assert (
        ended.maillons[-1].phrase == "L’appartenance à un autre groupe a pris fin le 19 mars 2026."
    )
    habilite = explain(dossier(habiliter()), CodeService.AFAS, JOUR, lecteur)
    assert "AFAS-DECLARER" not in str(habilite.maillons)


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
