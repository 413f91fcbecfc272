"""The Caf's side: an organisme, its convention, what is signed, its administratrice [seed 002]."""

from typing import Any

from deploy.demo.gestures import first_agent
from deploy.demo.people import (
    AMINA,
    CONVENTION,
    HUGO,
    ORGANISME,
    OTHER_CAF,
    SIRET,
    WRONG_SIRET,
    ZOE,
)
from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import habilitation as contracts
from shared.contracts import identity
from shared.contracts.habilitation_demandes import AccountRequested
from shared.contracts.topics import CONVENTIONS, USER_LIFECYCLE

HABILITATION = contracts.SERVICE
PATH = f"/conventions/{CONVENTION}"
PROFILS = {
    "T1": "Accompagnement social des familles",
    "T2": "Tarification des services à l’enfance",
}
"""Profiles asked for, and the missions that they serve."""


async def register(stage: Stage, session: str) -> None:
    """An organisme by its SIRET, its one convention, from draft to open."""
    stage.screen.step(f"{ZOE} enregistre {ORGANISME}, en se trompant d’un chiffre de son SIRET")
    form = {
        "convention_id": CONVENTION,
        "siret": WRONG_SIRET,
        "organisme": ORGANISME,
        "type_organisme": "commune",
        "departements": ["93"],
    }
    await stage.refused("POST", "/conventions", form, session, at=HABILITATION)
    stage.screen.step("Elle le corrige ; la Caf pivot est celle du siège")
    await _done(stage, "POST", "/conventions", {**form, "siret": SIRET}, session)
    registered = await stage.fact(contracts.ConventionRegistered.TYPE, convention_id=CONVENTION)
    stage.screen.saw("Caf pivot", registered["caf"])
    stage.screen.step("La convention part à la signature, en revient signée : elle est ouverte")
    await _done(stage, "POST", f"{PATH}/presentation", None, session)
    await stage.fact(contracts.ConventionPresented.TYPE)
    await _done(stage, "POST", f"{PATH}/validation", None, session)
    await stage.fact(contracts.ConventionOpened.TYPE)


async def sign_cdap(stage: Stage, session: str) -> None:
    """Contrat, bulletin, condition of a profile, éligibilité: what CDAP opens with."""
    stage.screen.step("Elle enregistre le contrat de service, gestion déléguée")
    await _done(stage, "PUT", f"{PATH}/contrat", {"gestion_deleguee": True}, session)
    await stage.fact(contracts.ConventionUpdated.TYPE, gestion_deleguee=True)
    stage.screen.step(f"Le bulletin d’adhésion de CDAP, profils {', '.join(PROFILS)}")
    profils = [_profil(code, missions) for code, missions in PROFILS.items()]
    await _done(stage, "PUT", f"{PATH}/bulletins/cdap", {"profils": profils}, session)
    opened = await stage.fact(contracts.ServiceOpened.TYPE, service="cdap")
    [service] = opened["services"]
    for profil in service["profils"]:
        if "condition" in profil:
            stage.screen.step(f"Profil {profil['profil']}, à confirmer : {profil['condition']}")
            path = f"{PATH}/profils/{profil['profil']}/condition"
            await _done(stage, "PUT", path, None, session)
            await stage.fact(contracts.ServiceUpdated.TYPE, service="cdap")
    stage.screen.step("Le formulaire d’éligibilité est accepté : CDAP est ouvert")
    await _done(stage, "PUT", f"{PATH}/bulletins/cdap/eligibilite", None, session)
    await stage.fact(contracts.ServiceUpdated.TYPE, service="cdap")


async def look_from_elsewhere(stage: Stage) -> None:
    """For an agent of another Caf, the convention does not exist."""
    stage.screen.title("Une autre Caf")
    session = await first_agent(stage, HUGO, OTHER_CAF)
    stage.screen.step(f"{HUGO} essaie de suspendre la convention {CONVENTION}")
    body = {"motif": "Essai"}
    await stage.refused("POST", f"{PATH}/suspension", body, session, at=HABILITATION)


async def designate(stage: Stage, session: str) -> tuple[str, str, str]:
    """The Caf designates; habilitation asks identity for the account, which two mails follow.

    Returns her id, her identifiant and her temporary password.
    """
    stage.screen.step(f"{ZOE} désigne {AMINA} administratrice ; elle n’a pas encore de compte")
    body = {"rang": "principal", "personne": AMINA.told()}
    answer = await _done(stage, "POST", f"{PATH}/administrateurs", body, session)
    user_id: str = answer["user_id"]
    await stage.fact(contracts.AdministrateurDesignated.TYPE, user_id=user_id)
    await stage.fact(AccountRequested.TYPE, user_id=user_id)
    await stage.fact(identity.UserCreated.TYPE, user_id=user_id)
    credentials = await stage.credentials_of(AMINA.mail)
    await stage.known(identity.SERVICE, CONVENTIONS)
    await stage.known(HABILITATION, USER_LIFECYCLE)
    return user_id, *credentials


async def sign_afas(stage: Stage, session: str, responsable_id: str) -> tuple[str, str]:
    """The AFAS bulletin makes its two groups; the administratrice is in the first [seed 001].

    Returns the ids of AFAS-HABILITER and AFAS-DECLARER.
    """
    stage.screen.title("La Caf ouvre AFAS")
    stage.screen.step(f"{ZOE} enregistre le bulletin d’AFAS ; {AMINA} en sera la responsable")
    body = {"responsable_id": responsable_id}
    await _done(stage, "PUT", f"{PATH}/bulletins/afas", body, session)
    await stage.fact(contracts.ServiceOpened.TYPE, service="afas")
    groupes = [
        await stage.fact(contracts.GroupeOpened.TYPE, nature=nature)
        for nature in ("afas_habiliter", "afas_declarer")
    ]
    stage.screen.saw("groupes", ", ".join(each["code"] for each in groupes))
    joined = await stage.fact(contracts.AppartenanceAdded.TYPE, user_id=responsable_id)
    habiliter, declarer = (each["groupe_id"] for each in groupes)
    if joined["groupe_id"] != habiliter:
        raise DemoFailed("les administrateurs rejoignent AFAS-HABILITER")
    stage.screen.step("Le formulaire d’éligibilité est accepté : AFAS est ouvert")
    await _done(stage, "PUT", f"{PATH}/bulletins/afas/eligibilite", None, session)
    await stage.fact(contracts.ServiceUpdated.TYPE, service="afas")
    return habiliter, declarer


def _profil(code: str, missions: str) -> dict[str, str]:
    return {
        "profil": code,
        "missions": missions,
        "finalite": "Instruction des aides de la commune",
        "fondement": "Convention d’accès",
        "destinataires": "Agents de la mairie habilités",
    }


async def _done(stage: Stage, method: str, path: str, body: Any, session: str) -> Any:
    return await stage.done(method, path, body, session, at=HABILITATION)
