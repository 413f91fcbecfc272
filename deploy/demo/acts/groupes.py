"""The partner's side: groups, their role, their members, as the tutorial shows it [seed 004]."""

from typing import Any

from deploy.demo.acts.conventions import HABILITATION, PATH
from deploy.demo.people import AMINA, INES
from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import habilitation as contracts
from shared.contracts.topics import USER_LIFECYCLE

GROUPES = f"{PATH}/groupes"


async def open_groupe(
    stage: Stage, session: str, code: str, libelle: str, responsable_id: str
) -> str:
    """A group with its responsable, then its role; returns its id."""
    stage.screen.step(f"{AMINA} crée le groupe « {libelle} », dont elle est la responsable")
    body = {"code": code, "libelle": libelle, "responsable_id": responsable_id}
    groupe_id: str = (await _done(stage, "POST", GROUPES, body, session))["groupe_id"]
    await stage.fact(contracts.GroupeOpened.TYPE, groupe_id=groupe_id)
    profil = code[:2]
    stage.screen.step(f"Elle lui attribue le rôle « Consulter Dossier », profil {profil}")
    role = {"service": "cdap", "profil": profil}
    await _done(stage, "PUT", f"{GROUPES}/{groupe_id}/role", role, session)
    await stage.fact(contracts.RoleAssigned.TYPE, groupe_id=groupe_id)
    return groupe_id


async def attach(stage: Stage, session: str, groupe_id: str, user_id: str) -> None:
    """Her colleague joins the group: why she may not yet consult files, then why she may."""
    stage.screen.title("Une habilitation, et pourquoi")
    await stage.known(HABILITATION, USER_LIFECYCLE)
    await explain(stage, session, user_id, accorde=False)
    stage.screen.step(f"{AMINA} ajoute {INES} au groupe")
    await _done(stage, "POST", f"{GROUPES}/{groupe_id}/membres", {"user_id": user_id}, session)
    await stage.fact(contracts.AppartenanceAdded.TYPE, user_id=user_id, groupe_id=groupe_id)
    await explain(stage, session, user_id, accorde=True)


async def refuse(
    stage: Stage, session: str, user_id: str, *, himself: str, other_id: str, t1_id: str
) -> None:
    """A second profile; a right for oneself: nobody gets either."""
    stage.screen.step(f"Un second profil CDAP pour {INES} ? Un par personne")
    await _refused(stage, "POST", f"{GROUPES}/{other_id}/membres", {"user_id": user_id}, session)
    stage.screen.step(f"{AMINA} s’ajoute elle-même au groupe T1")
    await _refused(stage, "POST", f"{GROUPES}/{t1_id}/membres", {"user_id": himself}, session)


async def begin_afas(
    stage: Stage, session: str, user_id: str, habiliter_id: str, declarer_id: str
) -> None:
    """Who will declare joins AFAS-DECLARER; the groups themselves are the Caf's [seed 000]."""
    stage.screen.title("Les premiers pas dans AFAS")
    stage.screen.step(f"{AMINA} ajoute {INES} au groupe AFAS-DECLARER")
    body = {"user_id": user_id}
    await _done(stage, "POST", f"{GROUPES}/{declarer_id}/membres", body, session)
    await stage.fact(contracts.AppartenanceAdded.TYPE, user_id=user_id, groupe_id=declarer_id)
    stage.screen.step("Elle essaie de renommer l’un, de supprimer l’autre : ils sont à la Caf")
    await _refused(stage, "PATCH", f"{GROUPES}/{habiliter_id}", {"libelle": "Nous"}, session)
    await _refused(stage, "DELETE", f"{GROUPES}/{declarer_id}", None, session)


async def explain(stage: Stage, session: str, user_id: str, *, accorde: bool) -> None:
    """The chain from the account to the membership, or its first missing link, in words."""
    stage.screen.step(f"Pourquoi {INES} consulte-t-elle des dossiers, ou pas ?")
    path = f"/utilisateurs/{user_id}/services/cdap"
    told = await _done(stage, "GET", path, None, session)
    if told["acces"] is not accorde:
        raise DemoFailed(f"l’explication dit le contraire : {told}")
    stage.screen.saw("réponse", told["phrase"])
    for maillon in told["maillons"]:
        stage.screen.saw(maillon["etat"], maillon["phrase"])


async def _done(stage: Stage, method: str, path: str, body: Any, session: str) -> Any:
    return await stage.done(method, path, body, session, at=HABILITATION)


async def _refused(stage: Stage, method: str, path: str, body: Any, session: str) -> None:
    await stage.refused(method, path, body, session, at=HABILITATION)
