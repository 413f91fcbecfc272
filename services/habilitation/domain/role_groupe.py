"""The one role of a group: which may be assigned, what is kept of the one before."""

import re
from datetime import datetime

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.errors_contrat import ProfilNotGranted
from services.habilitation.domain.errors_groupes import (
    ConditionNotConfirmed,
    NoRole,
    ProfilMissing,
    ProfilUseless,
    ServiceNotOpen,
    ServiceOfCaf,
)
from services.habilitation.domain.groupe import Groupe, Role, RoleRetire
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import CodeService

LIBELLE_WITHOUT_PROFIL = "libelle_sans_profil"
"""Warning at the assignment of a role: the libellé should begin with the profile [seed 002]."""
ACCEPTED_PREFIX = "CDAP"
"""May stand before the profile [seed 004]."""


def check_role(role: Role, convention: Convention) -> None:
    """Whether the convention lets a group have that role: its service is open, its profile granted.

    Raises: ServiceOfCaf, ServiceNotOpen, ProfilUseless, ProfilMissing, ProfilNotGranted,
    ConditionNotConfirmed
    Source: [seed 002][seed 003][seed 004]; only CDAP has profiles to grant
    """
    if role.service is CodeService.AFAS:
        raise ServiceOfCaf
    signed = convention.service(role.service)
    if signed is None or not signed.is_open:
        raise ServiceNotOpen
    if role.service is not CodeService.CDAP:
        if role.profil is not None:
            raise ProfilUseless
        return
    if role.profil is None:
        raise ProfilMissing
    profil = signed.profil(role.profil)
    if profil is None:
        raise ProfilNotGranted
    if not profil.is_usable:
        raise ConditionNotConfirmed


def assign(groupe: Groupe, role: Role, by: str, at: datetime) -> Groupe:
    """The group with that role, given now; the one before is kept as withdrawn."""
    return _kept(groupe, by, at).changed(role=role, role_attribue=Mention(at=at, par=by))


def withdraw(groupe: Groupe, by: str, at: datetime) -> Groupe:
    """The group without its role, which is kept as withdrawn: when, by whom. Raises NoRole."""
    if groupe.role is None:
        raise NoRole
    return _kept(groupe, by, at).changed(role=None, role_attribue=None)


def warning_about(groupe: Groupe) -> str | None:
    """Whether the libellé does not say the profile, as a code; `T10 …` does not say T1."""
    profil = None if groupe.role is None else groupe.role.profil
    if profil is None:
        return None
    says = rf"\s*(?:{ACCEPTED_PREFIX}\s+)?{re.escape(profil)}(?![0-9A-Za-z_])"
    return None if re.match(says, groupe.libelle, re.IGNORECASE) else LIBELLE_WITHOUT_PROFIL


def _kept(groupe: Groupe, by: str, at: datetime) -> Groupe:
    if groupe.role is None:
        return groupe
    return groupe.changed(role_retire=RoleRetire(role=groupe.role, at=at, par=by))
