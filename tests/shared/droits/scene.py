"""One person of Valfleury whose chain holds for CDAP, profile T1; a test changes one part."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.conventions import CodeService, EtatConvention, EtatService, NatureGroupe
from shared.droits.dossier import (
    Appartenance,
    Compte,
    Convention,
    Dossier,
    Groupe,
    Membre,
    Mention,
    Profil,
    Role,
    RoleRetire,
    ServiceSigne,
)

JOUR = date(2026, 3, 20)
HIER, DEMAIN = date(2026, 3, 19), date(2026, 3, 21)
MARS = date(2026, 3, 1)
CHEFFE, PERSONNE = "cheffe", "personne"

AGENT = "agent"
CONFIRMEE = Mention(at=datetime(2026, 3, 2, 9, tzinfo=UTC), par=AGENT)
ATTRIBUE = Mention(at=datetime(2026, 3, 3, 9, tzinfo=UTC), par=CHEFFE)
SUSPENDU = Mention(at=datetime(2026, 3, 12, 9, tzinfo=UTC), par=AGENT)
REPRIS = Mention(at=datetime(2026, 3, 16, 9, tzinfo=UTC), par=AGENT)

T1 = Profil(
    profil="T1",
    portee="caf",
    condition="Diplôme d’assistant social",
    condition_confirmee=True,
    confirmation=CONFIRMEE,
)
T2 = Profil(profil="T2", portee="multi_caf", cafs=("931", "781"))
CDAP = ServiceSigne(
    service=CodeService.CDAP,
    etat=EtatService.SIGNE,
    bulletin=MARS,
    eligibilite=MARS,
    profils=(T1, T2),
)
AFAS = ServiceSigne(
    service=CodeService.AFAS, etat=EtatService.SIGNE, bulletin=MARS, eligibilite=MARS
)
ADONIS = ServiceSigne(service=CodeService.ADONIS, etat=EtatService.SIGNE, bulletin=MARS)
CONVENTION = Convention(
    id="19_214",
    organisme="Mairie de Valfleury",
    caf="931",
    gestion_deleguee=True,
    etat=EtatConvention.OUVERTE,
    administrateurs=(CHEFFE,),
    ouverture=MARS,
    contrat=MARS,
    services=(CDAP, AFAS, ADONIS),
    seq=12,
)
COMPTE = Compte(
    id=PERSONNE, genre="partenaire", etat="ouvert", convention_id="19_214", ouverture=MARS, seq=3
)
BAILLEUR = Compte(id="logeuse", genre="bailleur", etat="ouvert", caf="931", ouverture=MARS, seq=1)
ROLE_T1 = Role(service=CodeService.CDAP, profil="T1")
RETIRE = RoleRetire(role=ROLE_T1, at=datetime(2026, 3, 10, 9, tzinfo=UTC), par=CHEFFE)


def groupe(id: str = "g1", role: Role | None = ROLE_T1, **more: Any) -> Groupe:
    """A group of Valfleury, with the role T1 unless said otherwise."""
    values: dict[str, Any] = {
        "convention_id": "19_214",
        "code": "T1AS",
        "libelle": "T1 Assistants sociaux",
        "nature": NatureGroupe.PARTENAIRE,
        "responsable_id": CHEFFE,
        "ouverture": MARS,
        "role_attribue": None if role is None else ATTRIBUE,
        "seq": 7,
    }
    return Groupe(id=id, role=role, **(values | more))


def declarer(id: str = "declarer", **more: Any) -> Groupe:
    """The group AFAS-DECLARER."""
    values = {"libelle": "AFAS Déclarer", "nature": NatureGroupe.AFAS_DECLARER}
    return groupe(id, Role(service=CodeService.AFAS), **(values | more))


def habiliter() -> Groupe:
    """The group AFAS-HABILITER."""
    return declarer("habiliter", libelle="AFAS Habiliter", nature=NatureGroupe.AFAS_HABILITER)


def dossier(*held: Groupe | tuple[Groupe, Appartenance], **parts: Any) -> Dossier:
    """The person's dossier: in these groups since March, or as said; the first parts otherwise."""
    pairs = [each if isinstance(each, tuple) else (each, since(each)) for each in held]
    membre = Membre(
        id=PERSONNE,
        convention_id="19_214",
        appartenances=tuple(appartenance for _, appartenance in pairs),
        seq=4,
    )
    whole = Dossier(
        compte=COMPTE,
        convention=CONVENTION,
        membre=membre,
        groupes={groupe.id: groupe for groupe, _ in pairs},
    )
    return replace(whole, **parts)


def since(groupe: Groupe, debut: date = MARS, fin: date | None = None) -> Appartenance:
    """A membership, since March unless said otherwise; the cheffe puts an end to it."""
    return Appartenance(
        groupe_id=groupe.id, debut=debut, fin=fin, fin_par=None if fin is None else CHEFFE
    )


def signed(service: ServiceSigne, **changes: Any) -> Convention:
    """The convention with one service otherwise."""
    others = (each for each in CONVENTION.services if each.service != service.service)
    return replace(CONVENTION, services=(replace(service, **changes), *others))
