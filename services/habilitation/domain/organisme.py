"""An organisme partenaire and its convention: registered, changed by an avenant [seed 003]."""

from datetime import date

from services.habilitation.domain.caf_pivot import caf_pivot
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.errors import ClotureBeforeOuverture, CloturePast
from services.habilitation.domain.errors_contrat import (
    CafPivotElsewhere,
    ClotureContradictory,
    OrganismeInvalid,
    OrganismeMissing,
    OuvertureOver,
    TypeUnknown,
)
from services.habilitation.domain.ligne import is_one_line
from services.habilitation.domain.referentiel import caf as caf_of_list
from services.habilitation.domain.referentiel import types_organisme
from services.habilitation.domain.siret import check_siret
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import ModifyConvention, RegisterConvention

_WAITS = frozenset({EtatConvention.BROUILLON, EtatConvention.A_SIGNER})
"""States before a convention opens: its opening day may still move (assumed)."""


def register(asked: RegisterConvention, *, agent_caf: str | None, day: date) -> Convention:
    """The draft of a convention, of the agent's own Caf; it opens today unless said otherwise.

    Raises: SiretInvalid, OrganismeMissing, OrganismeInvalid, TypeUnknown, DepartementUnknown,
    CafToChoose, CafNotThere, CafPivotElsewhere, ClotureBeforeOuverture, CloturePast
    """
    siret = check_siret(asked.siret)
    _check_type(asked.type_organisme)
    caf = caf_pivot(asked.departements, asked.caf)
    if caf != agent_caf:
        found = caf_of_list(caf)
        raise CafPivotElsewhere(nom=caf if found is None else found.nom)
    ouverture = asked.ouverture or day
    if asked.cloture is not None:
        _check_dates(ouverture, asked.cloture, day)
    return Convention(
        id=asked.convention_id,
        siret=siret,
        organisme=_read_nom(asked.organisme),
        type_organisme=asked.type_organisme,
        departements=tuple(dict.fromkeys(asked.departements)),
        caf=caf,
        ouverture=ouverture,
        cloture=asked.cloture,
    )


def modify(convention: Convention, asked: ModifyConvention, day: date) -> Convention:
    """The convention as an avenant leaves it; what is left out stays.

    Raises: OrganismeMissing, OrganismeInvalid, TypeUnknown, DepartementUnknown, CafToChoose,
    CafNotThere, OuvertureOver, ClotureContradictory, ClotureBeforeOuverture, CloturePast
    """
    changes: dict[str, object] = {}
    if asked.organisme is not None:
        changes["organisme"] = _read_nom(asked.organisme)
    if asked.type_organisme is not None:
        _check_type(asked.type_organisme)
        changes["type_organisme"] = asked.type_organisme
    if asked.departements is not None or asked.caf is not None:
        departements = tuple(dict.fromkeys(asked.departements or convention.departements))
        changes |= {"departements": departements, "caf": caf_pivot(departements, asked.caf)}
    if asked.ouverture not in {None, convention.ouverture}:
        if convention.etat_at(day) not in _WAITS:
            raise OuvertureOver
        changes["ouverture"] = asked.ouverture
    if asked.sans_cloture and asked.cloture is not None:
        raise ClotureContradictory
    if asked.sans_cloture or asked.cloture is not None:
        changes["cloture"] = asked.cloture
    changed = convention.changed(**changes)
    if changed.cloture is not None and {"ouverture", "cloture"} & changes.keys():
        _check_dates(changed.ouverture, changed.cloture, day)
    return changed


def _read_nom(nom: str) -> str:
    if not nom.strip():
        raise OrganismeMissing
    if not is_one_line(nom.strip()):
        raise OrganismeInvalid
    return nom.strip()


def _check_type(code: str) -> None:
    if code not in types_organisme():
        raise TypeUnknown


def _check_dates(ouverture: date, cloture: date, day: date) -> None:
    """A convention closes after it opened, and not in the past."""
    if cloture <= ouverture:
        raise ClotureBeforeOuverture
    if cloture < day:
        raise CloturePast
