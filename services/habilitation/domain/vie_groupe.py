"""The life of a group: opened, changed, closed, reopened, deleted; by hand and by the calendar."""

from datetime import date, datetime

from services.habilitation.domain import afas
from services.habilitation.domain.errors import ClotureBeforeOuverture, CloturePast
from services.habilitation.domain.errors_contrat import ResponsableNotOpen
from services.habilitation.domain.errors_groupes import (
    CodeReserved,
    CodeTaken,
    GroupeExists,
    LibelleInvalid,
    OuvertureOver,
    OuverturePast,
    ParentOver,
    SousGroupesLeft,
)
from services.habilitation.domain.etats import GROUPE, EtatGroupe
from services.habilitation.domain.groupe import CodeReserve, Groupe
from services.habilitation.domain.ligne import is_one_line
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.recit import tell_groupe
from shared.calendrier import day_of
from shared.contracts.habilitation import (
    GroupeClosed,
    GroupeDeleted,
    GroupeOpened,
    GroupeReopened,
    GroupeStarted,
    GroupeUpdated,
)
from shared.contracts.habilitation_commands import OpenGroupe
from shared.path.decision import Decision, Told


def read_libelle(typed: str) -> str:
    """The name of a group, without spaces around it. Raises LibelleInvalid"""
    libelle = typed.strip()
    if not libelle or not is_one_line(libelle):
        raise LibelleInvalid
    return libelle


def make_groupe(asked: OpenGroupe, parent: Groupe | None, day: date) -> Groupe:
    """The group that is asked for; its niveau is computed, 1 at the top (assumed).

    Raises: OuverturePast, ClotureBeforeOuverture, CodeReserved, LibelleInvalid, ParentOver
    """
    ouverture = asked.ouverture or day
    if ouverture < day:
        raise OuverturePast
    if asked.cloture is not None and asked.cloture <= ouverture:
        raise ClotureBeforeOuverture
    if asked.code.upper() in afas.CODES.values():
        raise CodeReserved
    if parent is not None and not parent.goes_on(day):
        raise ParentOver
    return Groupe(
        id=asked.groupe_id,
        convention_id=asked.convention_id,
        code=asked.code,
        libelle=read_libelle(asked.libelle),
        responsable_id=asked.responsable_id,
        ouverture=ouverture,
        cloture=asked.cloture,
        parent_id=asked.parent_id,
        niveau=1 if parent is None else parent.niveau + 1,
        ouverture_dite=ouverture <= day,
    )


def open_groupe(
    groupe: Groupe,
    parent: Groupe | None,
    known: Groupe | None,
    reserve: CodeReserve | None,
    at: datetime,
) -> Decision:
    """Make a group, under its parent if it has one; its code is free again once it is deleted.

    Writes:  groupes, codes
    Tells:   GroupeOpened
    Raises:  GroupeExists, CodeTaken
    """
    if known is not None:
        raise GroupeExists
    if reserve is not None and reserve.groupe_id is not None:
        raise CodeTaken
    code = CodeReserve(
        id=CodeReserve.id_for(groupe.convention_id, groupe.code), groupe_id=groupe.id
    )
    above = () if parent is None else (parent.changed(sous_groupes=parent.sous_groupes + 1),)
    told = tell_groupe(GroupeOpened, groupe, at=at)
    return Decision((groupe, code, *above), (told,), {"groupe_id": groupe.id})


def move_ouverture(groupe: Groupe, ouverture: date, day: date) -> Groupe:
    """The opening date, which moves until it has come.

    Raises: OuvertureOver, OuverturePast, ClotureBeforeOuverture
    """
    if ouverture == groupe.ouverture:
        return groupe
    if groupe.ouverture <= day:
        raise OuvertureOver
    if ouverture < day:
        raise OuverturePast
    if groupe.cloture is not None and groupe.cloture <= ouverture:
        raise ClotureBeforeOuverture
    return groupe.changed(ouverture=ouverture, ouverture_dite=ouverture <= day)


def tell_modified(before: Groupe, after: Groupe, at: datetime) -> tuple[Told, ...]:
    """What tells that a group changed, and that it opens if its day came nearer to today."""
    updated = tell_groupe(GroupeUpdated, after, at=at)
    day = day_of(at)
    if before.etat_at(day) is EtatGroupe.A_VENIR and after.etat_at(day) is EtatGroupe.OUVERT:
        return updated, tell_groupe(GroupeStarted, after, at=at)
    return (updated,)


def close_groupe(groupe: Groupe, cloture: date, day: date) -> Groupe:
    """The group, closed from that day on. Raises: StateForbids, CloturePast"""
    GROUPE.check(groupe.etat_at(day), GroupeClosed)
    if cloture < day:
        raise CloturePast
    is_over = cloture <= day
    return groupe.changed(
        cloture=cloture, cloture_dite=is_over, ouverture_dite=groupe.ouverture_dite or is_over
    )


def tell_closing(groupe: Groupe, at: datetime) -> Decision:
    """A group closed today, or on a day to come.

    Writes:  groupes
    Tells:   GroupeClosed, or GroupeUpdated while the day is to come
    """
    told = GroupeClosed if groupe.cloture_dite else GroupeUpdated
    return Decision((groupe,), (tell_groupe(told, groupe, at=at),), {"groupe_id": groupe.id})


def reopen_groupe(groupe: Groupe, responsable: Personne | None, day: date) -> Groupe:
    """The group without its closing date; who is responsable of it must still be there.

    Raises: StateForbids, ResponsableNotOpen
    """
    if groupe.cloture is None:
        GROUPE.check(groupe.etat_at(day), GroupeReopened)
    if responsable is not None and not responsable.is_open(day):
        raise ResponsableNotOpen
    return groupe.changed(cloture=None, cloture_dite=False, ouverture_dite=groupe.ouverture <= day)


def tell_reopening(before: Groupe, after: Groupe, at: datetime) -> Decision:
    """A group that was closed, or whose closing was to come.

    Writes:  groupes
    Tells:   GroupeReopened, or GroupeUpdated if it was not closed yet
    """
    was_closed = before.etat_at(day_of(at)) is EtatGroupe.CLOTURE
    told = GroupeReopened if was_closed else GroupeUpdated
    return Decision((after,), (tell_groupe(told, after, at=at),), {"groupe_id": after.id})


def delete_groupe(
    groupe: Groupe, parent: Groupe | None, reserve: CodeReserve | None, at: datetime
) -> Decision:
    """Delete a group that has no members; its code is free for another.

    Writes:  groupes, codes
    Tells:   GroupeDeleted
    Raises:  SousGroupesLeft
    """
    if groupe.sous_groupes > 0:
        raise SousGroupesLeft
    day = day_of(at)
    groupe = groupe.changed(
        supprime=True,
        cloture=min(groupe.cloture or day, day),
        ouverture_dite=True,
        cloture_dite=True,
    )
    code = () if reserve is None else (reserve.changed(groupe_id=None),)
    above = () if parent is None else (parent.changed(sous_groupes=parent.sous_groupes - 1),)
    told = tell_groupe(GroupeDeleted, groupe, at=at)
    return Decision((groupe, *code, *above), (told,), {"groupe_id": groupe.id})


def apply_dates(groupe: Groupe, day: date, at: datetime) -> Decision:
    """Tell what day has come for a group; nothing to tell is no fault: it was moved, or told.

    Writes:  groupes
    Tells:   GroupeClosed, else GroupeStarted
    """
    result = {"groupe_id": groupe.id}
    etat = groupe.etat_at(day)
    if etat is EtatGroupe.CLOTURE and not groupe.cloture_dite:
        groupe = groupe.changed(cloture_dite=True, ouverture_dite=True)
        return Decision((groupe,), (tell_groupe(GroupeClosed, groupe, at=at),), result)
    if etat is EtatGroupe.OUVERT and not groupe.ouverture_dite:
        groupe = groupe.changed(ouverture_dite=True)
        return Decision((groupe,), (tell_groupe(GroupeStarted, groupe, at=at),), result)
    return Decision(result=result)
