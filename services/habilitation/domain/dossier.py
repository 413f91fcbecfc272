"""Habilitation's own documents as the dossier that rights are decided and explained on."""

from collections.abc import Iterable
from typing import Any

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.droits import dossier as droits


def dossier_of(
    personne: Personne | None,
    convention: Convention | None,
    membre: Membre | None,
    groupes: Iterable[Groupe],
) -> droits.Dossier:
    """All that is known of a person; `groupes` are those of the memberships, at least."""
    return droits.Dossier(
        compte=None if personne is None else droits.read_compte(personne.model_dump()),
        convention=None if convention is None else _convention(convention),
        membre=None if membre is None else droits.read_membre(membre.model_dump()),
        groupes={each.id: droits.read_groupe(each.model_dump()) for each in groupes},
    )


def _convention(convention: Convention) -> droits.Convention:
    contrat = convention.contrat
    told: dict[str, Any] = convention.model_dump() | {
        "gestion_deleguee": convention.gestion_deleguee,
        "administrateurs": tuple(each.user_id for each in convention.administrateurs),
        "contrat": None if contrat is None else contrat.signe_le,
    }
    return droits.read_convention(told)
