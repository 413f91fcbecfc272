"""One CDAP profile per person [seed 003]: several groups with the same are fine, two are not.

What counts is time: a membership gives its group's profile while both go on, and two profiles
exclude each other only on the days that they share (assumed: a change of post is prepared before).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.habilitation.domain.errors import OtherProfil
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from shared.contracts.conventions import CodeService


@dataclass(frozen=True)
class Detention:
    """A CDAP profile held through a group from `debut` on, up to `fin`, that day left out."""

    groupe: Groupe
    profil: str
    debut: date
    fin: date | None

    def excludes(self, other: "Detention") -> bool:
        """Whether the two are different profiles on a day that they share."""
        return (
            self.profil != other.profil
            and (other.fin is None or self.debut < other.fin)
            and (self.fin is None or other.debut < self.fin)
        )


def find_other_profil(
    membre: Membre, groupe: Groupe, groupes: Iterable[Groupe], depuis: date
) -> Detention | None:
    """What a person has by another group that excludes what they get by this one.

    Shapes:  `membre` and `groupe` as they are to be; `groupes` the others of the person (the same
             one among them, as it was, does not count); days before `depuis` are past and settled
    Source:  [seed 003]; that only shared days count is assumed
    """
    gained = _by(membre, groupe, depuis)
    others = (each for each in groupes if each.id != groupe.id)
    return next(
        (
            held
            for other in others
            for held in _by(membre, other, depuis)
            if any(each.excludes(held) for each in gained)
        ),
        None,
    )


def check_one_profil(
    membre: Membre, groupe: Groupe, groupes: Iterable[Groupe], depuis: date
) -> None:
    """Check that what a person gets by a group goes with what they have by others.

    Raises: OtherProfil, which names the group that gives the other profile
    """
    held = find_other_profil(membre, groupe, groupes, depuis)
    if held is not None:
        raise OtherProfil(profil=held.profil, groupe=held.groupe.libelle)


def _by(membre: Membre, groupe: Groupe, depuis: date) -> list[Detention]:
    """What a person holds by one group from a day on."""
    role = groupe.role
    if groupe.supprime or role is None or role.service is not CodeService.CDAP:
        return []
    if role.profil is None:
        return []
    shares = (
        _shared(each, groupe, depuis)
        for each in membre.appartenances
        if each.groupe_id == groupe.id
    )
    return [Detention(groupe, role.profil, *days) for days in shares if days is not None]


def _shared(
    appartenance: Appartenance, groupe: Groupe, depuis: date
) -> tuple[date, date | None] | None:
    """The days on which a membership and its group both go on; None if there are none."""
    debut = max(appartenance.debut, groupe.ouverture, depuis)
    ends = [each for each in (appartenance.fin, groupe.cloture) if each is not None]
    fin = min(ends, default=None)
    return None if fin is not None and fin <= debut else (debut, fin)
