"""The one responsable of a group, chosen or created [seed 002][seed 004]."""

from datetime import date, datetime

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Titre
from services.habilitation.domain.errors_groupes import (
    ResponsableExists,
    ResponsableNotOpen,
    ResponsableUnknown,
)
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.personne import Personne
from shared.contracts.conventions import NouvellePersonne
from shared.contracts.habilitation import AccountRequested
from shared.path.decision import Told


def check_responsable(
    personne: Personne | None, nouvelle: NouvellePersonne | None, convention: Convention, day: date
) -> None:
    """Whether that person may be responsable: an open account of the convention, or a new one.

    Raises: ResponsableExists, ResponsableUnknown also for people of others, ResponsableNotOpen
    """
    if nouvelle is not None:
        if personne is not None:
            raise ResponsableExists
        return
    if personne is None or personne.is_agent or personne.convention_id != convention.id:
        raise ResponsableUnknown
    if not personne.is_open(day):
        raise ResponsableNotOpen


def request_account(
    groupe: Groupe, nouvelle: NouvellePersonne | None, convention: Convention, by: str, at: datetime
) -> tuple[Told, ...]:
    """What asks identity for the account of a responsable who has none yet."""
    if nouvelle is None:
        return ()
    asked = AccountRequested(
        convention_id=convention.id,
        caf=convention.caf,
        user_id=groupe.responsable_id,
        personne=nouvelle,
        titre=Titre.RESPONSABLE,
        asked_by=by,
        at=at,
    )
    return (groupe.told(asked),)
