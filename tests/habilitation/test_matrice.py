"""The table of who may do what (matrice.py), decided by the real use cases, cell by cell."""

from collections.abc import Callable
from typing import Any

import pytest

from services.habilitation.domain.convention import Contrat
from services.habilitation.domain.groupe import Groupe
from services.habilitation.use_cases import BY_TOPIC
from shared.contracts import habilitation_commands as asked
from shared.contracts.conventions import (
    CodeService,
    EtatConvention,
    EtatService,
    NatureGroupe,
    ObjetSollicitation,
)
from shared.contracts.habilitation_commands import ASKED, ConventionCommand
from shared.errors import Refusal
from shared.path.decision import Document
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CONVENTION,
    HABILITEUR,
    MEMBRE,
    OPENED,
    OTHER_AGENT,
    OTHER_CONVENTION,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    THEIR_ADMIN,
    TODAY,
    Scene,
    cdap,
    convention,
    groupe,
    membre,
    nouvelle,
    personne,
    role,
    service,
)
from tests.habilitation.matrice import ACTORS, Case, cases, cases_of, lines
from tests.habilitation.signing import ask, register

PEOPLE: dict[str, Principal] = {
    "agent": AGENT,
    "garde": AGENT,
    "admin": ADMIN,
    "adm.g": ADMIN,
    "resp": RESPONSABLE,
    "r2": OTHER_RESPONSABLE,
    "hab": HABILITEUR,
    "util": MEMBRE,
    "caf2": OTHER_AGENT,
    "vois": THEIR_ADMIN,
    "sans": AUDITOR,
}
SAID = {
    "non_permis": "non",
    "gestion_non_deleguee": "caf",
    "pas_pour_soi": "soi",
    "caf_pivot_autre": "autre",
}
Ask = Callable[[str, str], ConventionCommand]
"""The command, of a target and of who asks."""


def of_convention(kind: type[ConventionCommand], **own: Any) -> Ask:
    return lambda _, __: ask(kind, **own)


def of_groupe(kind: type[asked.GroupeCommand], **own: Any) -> Ask:
    return lambda cible, _: kind(convention_id=CONVENTION, groupe_id=cible, **own)


def open_groupe(parent_id: str | None) -> ConventionCommand:
    return asked.OpenGroupe(
        convention_id=CONVENTION,
        groupe_id="new",
        code="T2PE",
        libelle="T2 Petite enfance",
        responsable_id="simple",
        parent_id=parent_id,
    )


def request_account(*groupes: str) -> ConventionCommand:
    return asked.RequestAccount(
        convention_id=CONVENTION, user_id="new", personne=nouvelle(), groupes=groupes
    )


def about(user_id: str, kind: type[asked.GroupeCommand], **own: Any) -> Ask:
    return of_groupe(kind, user_id=user_id, **own)


def oneself(kind: type[asked.GroupeCommand]) -> Ask:
    return lambda cible, who: kind(convention_id=CONVENTION, groupe_id=cible, user_id=who)


T2 = {"service": CodeService.CDAP, "profil": "T2"}
ACTIONS: dict[str, Ask] = {
    "enregistrer_convention": lambda _, __: register(),
    "modifier_convention": of_convention(asked.ModifyConvention),
    "presenter_convention": of_convention(asked.PresentConvention),
    "valider_convention": of_convention(asked.ValidateConvention),
    "suspendre_convention": of_convention(asked.SuspendConvention),
    "reprendre_convention": of_convention(asked.ResumeConvention),
    "cloturer_convention": of_convention(asked.CloseConvention),
    "signer_contrat": of_convention(asked.SignContrat),
    "signer_bulletin": of_convention(asked.SignBulletin),
    "resilier_bulletin": of_convention(asked.TerminateBulletin),
    "confirmer_condition": of_convention(asked.ConfirmCondition),
    "noter_eligibilite": of_convention(asked.RecordEligibilite),
    "suspendre_service": of_convention(asked.SuspendService),
    "reprendre_service": of_convention(asked.ResumeService),
    "designer_administrateur": of_convention(asked.DesignateAdministrateur),
    "remplacer_administrateur": of_convention(asked.ReplaceAdministrateur),
    "relever_administrateur": of_convention(asked.RelieveAdministrateur),
    "solliciter_caf": lambda _, __: asked.SolliciterCaf(
        convention_id=CONVENTION,
        sollicitation_id="s1",
        objet=ObjetSollicitation.AVENANT,
        message="Bonjour",
    ),
    "ouvrir_groupe": lambda _, __: open_groupe(None),
    "ouvrir_sous_groupe": lambda cible, _: open_groupe(cible),
    "renommer_groupe": of_groupe(asked.ModifyGroupe, libelle="Autre"),
    "nommer_responsable": of_groupe(asked.ModifyGroupe, responsable_id="simple"),
    "cloturer_groupe": of_groupe(asked.CloseGroupe),
    "rouvrir_groupe": of_groupe(asked.ReopenGroupe),
    "supprimer_groupe": of_groupe(asked.DeleteGroupe),
    "attribuer_role": of_groupe(asked.AssignRole, **T2),
    "retirer_role": of_groupe(asked.WithdrawRole),
    "attribuer_role_au_sien": of_groupe(asked.AssignRole, **T2),
    "rouvrir_le_sien": of_groupe(asked.ReopenGroupe),
    "ajouter_personne": about("simple", asked.AddAppartenance),
    "retirer_personne": about("autre", asked.EndAppartenance),
    "demander_compte": lambda _, __: request_account(),
    "demander_compte_pour": lambda cible, _: request_account(cible),
    "deplacer_vers_g2": about("autre", asked.MoveAppartenance, vers_id="g2"),
    "deplacer_vers_g3": about("autre", asked.MoveAppartenance, vers_id="g3"),
    "deplacer_vers_declarer": about("autre", asked.MoveAppartenance, vers_id="declarer"),
    "deplacer_vers_habiliter": about("autre", asked.MoveAppartenance, vers_id="habiliter"),
    "deplacer_vers_g9": about("autre", asked.MoveAppartenance, vers_id="g9"),
    "ajouter_administrateur": about("suppleant", asked.AddAppartenance),
    "retirer_administrateur": about("suppleant", asked.EndAppartenance),
    "deplacer_administrateur": about("suppleant", asked.MoveAppartenance, vers_id="g3"),
    "ajouter_soi": oneself(asked.AddAppartenance),
    "ajouter_personne_d_ailleurs": about("leur-simple", asked.AddAppartenance),
    "appliquer_dates_convention": lambda _, __: asked.ApplyConventionDates(
        convention_id=CONVENTION, day=TODAY
    ),
    "appliquer_dates_groupe": of_groupe(asked.ApplyGroupeDates, day=TODAY),
    "appliquer_dates_appartenances": lambda _, __: asked.ApplyAppartenanceDates(
        convention_id=CONVENTION, user_id="membre", day=TODAY
    ),
}


def the_convention(case: Case) -> dict[str, Any]:
    """What of the convention is not as everywhere, so that who may is not refused for its state."""
    own: dict[str, Any] = {}
    if case.actor in {"garde", "adm.g"}:
        own["contrat"] = Contrat(signe_le=OPENED, gestion_deleguee=False)
    if case.answer != "oui":
        return own
    match case.action:
        case "presenter_convention":
            own |= {"etat": EtatConvention.BROUILLON, "validee": False}
        case "valider_convention":
            own |= {"etat": EtatConvention.A_SIGNER, "validee": False}
        case "reprendre_convention":
            own |= {"etat": EtatConvention.SUSPENDUE}
        case "noter_eligibilite":
            own |= {"services": (cdap(eligibilite=None),)}
        case "reprendre_service":
            own |= {"services": (cdap(etat=EtatService.SUSPENDU),)}
        case "designer_administrateur":
            own |= {"administrateurs": ()}
        case "signer_bulletin":
            own |= {"services": (service(CodeService.ADONIS),)}
    return own


def the_groupes(case: Case) -> list[Document]:
    """g1 and g3 are `resp`'s; g2 and both AFAS groups `autre-resp`'s; closed what is to reopen."""
    closed = {"cloture": TODAY} if case.action.startswith("rouvrir") else {}
    afas = {"responsable_id": "autre-resp"}
    natures = {
        "habiliter": NatureGroupe.AFAS_HABILITER,
        "declarer": NatureGroupe.AFAS_DECLARER,
    }
    found: list[Groupe] = [
        groupe("g1", role=role("T1")),
        groupe("g2", "autre-resp", role=role("T1")),
        groupe("g3"),
        *(
            groupe(each, code=f"AFAS-{each.upper()}", nature=nature, **afas)
            for each, nature in natures.items()
        ),
        groupe("g9", "leur-resp", convention_id=OTHER_CONVENTION),
    ]
    return [each.changed(**closed) if each.id == case.cible else each for each in found]


def the_membres(case: Case) -> list[Document]:
    """`autre` belongs to the target where somebody is to leave it; who asks, where it says so."""
    own: list[Document] = [personne("autre")]
    if case.action.startswith(("retirer_personne", "deplacer_vers")):
        own.append(membre("autre", case.cible))
    if case.action in {"retirer_administrateur", "deplacer_administrateur"}:
        own.append(membre("suppleant", case.cible))
    if case.action == "supprimer_groupe":
        own.append(membre("membre"))
    if case.action.endswith(("_au_sien", "_le_sien")):
        own.append(membre(PEOPLE[case.actor].id, case.cible))
    return own


def scene_of(case: Case) -> Scene:
    ours = convention(**the_convention(case))
    scene = Scene(ours, *the_groupes(case), *the_membres(case))
    for each in list(scene.stored.values()):  # as many adhesions as there are members
        if isinstance(each, Groupe):
            scene.put(each.changed(adhesions=0))
    return scene


def said(refusal: Refusal | None) -> str:
    """The answer, in the words of the table."""
    if refusal is None:
        return "oui"
    return "rien" if refusal.status == 404 else SAID.get(refusal.code, refusal.code)


every_line = pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line[0]}-{line[1]}")


@every_line
async def test_every_actor_is_answered_as_the_table_says(line: tuple[str, str]) -> None:
    expected = {case: case.answer for case in cases_of(line)}
    answers = {}
    for case in expected:
        who = PEOPLE[case.actor]
        command = ACTIONS[case.action](case.cible, who.id)
        answers[case] = said(await scene_of(case).refusal(command, who))
    assert answers == expected


@every_line
async def test_the_convention_of_others_does_not_exist(line: tuple[str, str]) -> None:
    """The same asked of theirs, and of no convention: nobody learns which it is."""
    for case in cases_of(line):
        if case.actor in {"caf2", "vois"} or case.action == "enregistrer_convention":
            continue
        who, scene = PEOPLE[case.actor], scene_of(case)
        command = ACTIONS[case.action](case.cible, who.id)
        theirs = await scene.refusal(_of(OTHER_CONVENTION, command), who)
        nowhere = await scene.refusal(_of("99_9", command), who)
        assert theirs is not None
        assert nowhere is not None
        assert said(theirs) in {"rien", "non"}
        assert (theirs.code, theirs.said, theirs.field) == (
            nowhere.code,
            nowhere.said,
            nowhere.field,
        )


def _of(convention_id: str, command: ConventionCommand) -> ConventionCommand:
    return command.model_copy(update={"convention_id": convention_id})


def test_the_table_knows_every_actor_and_action_and_every_command_is_one() -> None:
    assert set(PEOPLE) == set(ACTORS)
    assert {case.action for case in cases()} == set(ACTIONS)
    commands = {type(ask_for("g1", "simple")) for ask_for in ACTIONS.values()}
    assert commands == set(ASKED) == {each.message for each in BY_TOPIC}
