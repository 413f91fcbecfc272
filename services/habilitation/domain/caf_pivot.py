"""The Caf pivot of an organisme: where its siège is, or the Yvelines for several départements."""

from collections.abc import Sequence

from services.habilitation.domain.errors_contrat import CafNotThere, CafToChoose, DepartementUnknown
from services.habilitation.domain.referentiel import cafs_of
from shared.contracts.conventions import CAF_SEVERAL_DEPARTEMENTS


def caf_pivot(departements: Sequence[str], caf: str | None) -> str:
    """The code of the Caf pivot; `caf` chooses where a département has two [seed 003].

    Raises: DepartementUnknown, CafToChoose, CafNotThere
    """
    there = [cafs_of(each) for each in departements]
    if not all(there):
        raise DepartementUnknown
    several = len(set(departements)) > 1
    possible = {CAF_SEVERAL_DEPARTEMENTS} if several else {each.code for each in there[0]}
    if caf is not None and caf not in possible:
        raise CafNotThere
    if caf is None and len(possible) > 1:
        raise CafToChoose
    return caf or possible.pop()
