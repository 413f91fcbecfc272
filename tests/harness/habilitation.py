"""Plays habilitation for tests of other services: publishes its facts, without its process.

    habilitation = Habilitation(platform)
    await habilitation.open_convention("19_214", caf="931", administrateurs=("u1",))
    await habilitation.sign("19_214", CodeService.CDAP, profils=("T1",))
    groupe = await habilitation.open_groupe("19_214", "T1AS", responsable="u2")
    await habilitation.assign_role(groupe, CodeService.CDAP, "T1")
    await habilitation.add_to_groupe("u3", groupe)
    await habilitation.known_to("identity")

Facts carry the whole state of their aggregate and its next number; a fact told twice here is told
once there.
"""

from collections import Counter
from datetime import date
from typing import Any, TypeVar

from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.conventions import (
    MOST_PASSEES,
    Appartenance,
    CodeService,
    EtatConvention,
    EtatService,
    Mention,
    NatureGroupe,
    NouvellePersonne,
    Portee,
    ProfilAccorde,
    Role,
    RoleRetire,
    ServiceConventionne,
    TitreDemande,
)
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import (
    SERVICE,
    AdministrateurDesignated,
    AdministrateurRelieved,
    AppartenanceAdded,
    AppartenanceEnded,
    ConventionClosed,
    ConventionOpened,
    ConventionResumed,
    ConventionSuspended,
    GroupeClosed,
    GroupeOpened,
    GroupeUpdated,
    RoleAssigned,
    RoleWithdrawn,
    ServiceOpened,
    ServiceResumed,
    ServiceSuspended,
)
from shared.contracts.habilitation_demandes import AccountRequested
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, group_of
from shared.ids import draw_id
from shared.path.rows import fact_row, moment, source_of
from tests.harness.access import Access
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing

SIRET = "21930001900011"
"""Of an invented town hall; its key is right (Luhn)."""
AGENT, RESPONSABLE = "agent", "responsable"
"""Who suspends; who gives and withdraws roles, and ends memberships, unless said otherwise."""
KNOWN_S = 10
"""How long a service may take to know what was told; assumed."""

F = TypeVar("F", bound=Fact)


class Habilitation:
    """What habilitation decided so far, and the facts that tell it."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._numbers: Counter[str] = Counter()
        self._conventions: dict[str, dict[str, Any]] = {}
        self._groupes: dict[str, dict[str, Any]] = {}
        self._membres: dict[str, tuple[Appartenance, ...]] = {}
        self._passees: dict[str, tuple[Appartenance, ...]] = {}

    # -- conventions --------------------------------------------------------------------------

    async def open_convention(
        self,
        convention_id: str = "19_214",
        *,
        caf: str = "931",
        organisme: str = "Mairie de Valfleury",
        gestion_deleguee: bool = True,
        administrateurs: tuple[str, ...] = (),
    ) -> str:
        """Open a convention; returns its number."""
        self._conventions[convention_id] = {
            "convention_id": convention_id,
            "siret": SIRET,
            "organisme": organisme,
            "caf": caf,
            "gestion_deleguee": gestion_deleguee,
            "etat": EtatConvention.OUVERTE,
            "administrateurs": administrateurs,
            "contrat": _today(),
            "services": (),
        }
        await self._tell_convention(ConventionOpened, convention_id)
        return convention_id

    async def suspend_convention(self, convention_id: str) -> None:
        """Suspend it."""
        stopped = {"etat": EtatConvention.SUSPENDUE, "suspension": _now(), "reprise": None}
        self._conventions[convention_id] |= stopped
        await self._tell_convention(ConventionSuspended, convention_id)

    async def resume_convention(self, convention_id: str) -> None:
        """Resume it."""
        going_on = {"etat": EtatConvention.OUVERTE, "suspension": None, "reprise": _now()}
        self._conventions[convention_id] |= going_on
        await self._tell_convention(ConventionResumed, convention_id)

    async def close_convention(self, convention_id: str) -> None:
        """Close it."""
        self._conventions[convention_id]["etat"] = EtatConvention.CLOTUREE
        await self._tell_convention(ConventionClosed, convention_id)

    async def designate(self, convention_id: str, user_id: str) -> None:
        """Make somebody administrateur."""
        convention = self._conventions[convention_id]
        convention["administrateurs"] = (*convention["administrateurs"], user_id)
        await self._tell_convention(AdministrateurDesignated, convention_id, user_id=user_id)

    async def relieve(self, convention_id: str, user_id: str) -> None:
        """Make somebody administrateur no longer."""
        convention = self._conventions[convention_id]
        left = tuple(each for each in convention["administrateurs"] if each != user_id)
        convention["administrateurs"] = left
        await self._tell_convention(AdministrateurRelieved, convention_id, user_id=user_id)

    async def sign(
        self,
        convention_id: str,
        service: CodeService,
        *,
        profils: tuple[str, ...] = (),
        eligible: bool = True,
    ) -> None:
        """Have the bulletin of a service signed, with its profiles and its éligibilité."""
        signed = ServiceConventionne(
            service=service,
            etat=EtatService.SIGNE,
            bulletin=_today(),
            eligibilite=_today() if eligible else None,
            profils=tuple(map(_granted, profils)),
        )
        self._put_service(convention_id, signed)
        await self._tell_convention(ServiceOpened, convention_id, service=service)

    async def suspend_service(
        self, convention_id: str, service: CodeService, motif: str = "Contrôle en cours"
    ) -> None:
        """Suspend one service."""
        suspended = {
            "etat": EtatService.SUSPENDU,
            "motif": motif,
            "suspension": _now(),
            "reprise": None,
        }
        self._put_service(convention_id, self._service(convention_id, service, suspended))
        await self._tell_convention(ServiceSuspended, convention_id, service=service)

    async def resume_service(self, convention_id: str, service: CodeService) -> None:
        """Let it go on."""
        resumed = {
            "etat": EtatService.SIGNE,
            "motif": None,
            "suspension": None,
            "reprise": _now(),
        }
        self._put_service(convention_id, self._service(convention_id, service, resumed))
        await self._tell_convention(ServiceResumed, convention_id, service=service)

    def _service(
        self, convention_id: str, service: CodeService, changes: dict[str, Any]
    ) -> ServiceConventionne:
        signed: tuple[ServiceConventionne, ...] = self._conventions[convention_id]["services"]
        (found,) = (each for each in signed if each.service == service)
        return found.model_copy(update=changes)

    def _put_service(self, convention_id: str, changed: ServiceConventionne) -> None:
        convention = self._conventions[convention_id]
        others = (each for each in convention["services"] if each.service != changed.service)
        convention["services"] = (*others, changed)

    async def request_account(
        self, convention_id: str, user_id: str, mail: str, *, asked_by: str
    ) -> None:
        """Designate an administrateur who has no account: identity is asked for it."""
        convention = self._conventions[convention_id]
        asked = AccountRequested(
            convention_id=convention_id,
            caf=convention["caf"],
            asked_by=asked_by,
            at=Clock.real_now(),
            user_id=user_id,
            personne=NouvellePersonne(nom="Delmas", prenom="Hélène", mail=mail),
            titre=TitreDemande.ADMINISTRATEUR,
        )
        await self._tell(asked, f"demandes/{convention_id}")

    # -- groups -------------------------------------------------------------------------------

    async def open_groupe(
        self,
        convention_id: str,
        code: str,
        *,
        responsable: str,
        nature: NatureGroupe = NatureGroupe.PARTENAIRE,
        ouverture: date | None = None,
        cloture: date | None = None,
    ) -> str:
        """Make a group; returns its id."""
        groupe_id = draw_id()
        self._groupes[groupe_id] = {
            "convention_id": convention_id,
            "groupe_id": groupe_id,
            "code": code,
            "libelle": f"{code} de {convention_id}",
            "nature": nature,
            "responsable_id": responsable,
            "ouverture": ouverture or _today(),
            "cloture": cloture,
        }
        await self._tell_groupe(GroupeOpened, groupe_id)
        return groupe_id

    async def assign_role(
        self, groupe_id: str, service: CodeService, profil: str | None = None
    ) -> None:
        """Give a group its role, or another."""
        role = Role(service=service, profil=profil)
        self._groupes[groupe_id] |= {"role": role, "role_attribue": _now(RESPONSABLE)}
        await self._tell_groupe(RoleAssigned, groupe_id, assigned_by=RESPONSABLE)

    async def withdraw_role(self, groupe_id: str, par: str = RESPONSABLE) -> None:
        """Take the role of a group away."""
        groupe = self._groupes[groupe_id]
        retire = RoleRetire(role=groupe.pop("role"), at=Clock.real_now(), par=par)
        groupe |= {"role_retire": retire, "role_attribue": None}
        await self._tell_groupe(RoleWithdrawn, groupe_id)

    async def replace_responsable(self, groupe_id: str, user_id: str) -> None:
        """Give a group another responsable."""
        self._groupes[groupe_id]["responsable_id"] = user_id
        await self._tell_groupe(GroupeUpdated, groupe_id)

    async def close_groupe(self, groupe_id: str, cloture: date | None = None) -> None:
        """Close a group, today unless said otherwise."""
        self._groupes[groupe_id]["cloture"] = cloture or _today()
        await self._tell_groupe(GroupeClosed, groupe_id)

    async def add_to_groupe(
        self, user_id: str, groupe_id: str, *, debut: date | None = None, fin: date | None = None
    ) -> None:
        """Put somebody in a group."""
        added = Appartenance(groupe_id=groupe_id, debut=debut or _today(), fin=fin)
        self._membres[user_id] = (*self._membres.get(user_id, ()), added)
        await self._tell_membre(AppartenanceAdded, user_id, groupe_id)

    async def take_from_groupe(self, user_id: str, groupe_id: str, par: str = RESPONSABLE) -> None:
        """Take somebody out of a group, as of today."""
        held = self._membres[user_id]
        self._membres[user_id] = tuple(each for each in held if each.groupe_id != groupe_id)
        ended = (
            each.model_copy(update={"fin": _today(), "fin_par": par})
            for each in held
            if each.groupe_id == groupe_id
        )
        self._passees[user_id] = (*self._passees.get(user_id, ()), *ended)
        await self._tell_membre(AppartenanceEnded, user_id, groupe_id)

    # -- telling ------------------------------------------------------------------------------

    async def known_to(self, service: str) -> None:
        """Wait until a service has read all that was told."""

        async def read() -> bool:
            lags = [
                await self._access.lag(group_of(service, topic), topic)
                for topic in (CONVENTIONS, ROLE_ASSIGNMENTS)
            ]
            return not any(lags)

        await eventually(read, KNOWN_S, f"{service} knows what habilitation told")

    async def _tell_convention(self, model: type[F], convention_id: str, **more: Any) -> None:
        fact = model(**self._conventions[convention_id], **more, at=Clock.real_now())
        await self._tell(fact, f"conventions/{convention_id}")

    async def _tell_groupe(self, model: type[F], groupe_id: str, **more: Any) -> None:
        fact = model(**self._groupes[groupe_id], **more, at=Clock.real_now())
        await self._tell(fact, f"groupes/{groupe_id}")

    async def _tell_membre(self, model: type[F], user_id: str, groupe_id: str) -> None:
        fact = model(
            convention_id=self._groupes[groupe_id]["convention_id"],
            user_id=user_id,
            appartenances=self._membres[user_id],
            passees=self._passees.get(user_id, ())[-MOST_PASSEES:],
            groupe_id=groupe_id,
            at=Clock.real_now(),
        )
        await self._tell(fact, f"membres/{user_id}")

    async def _tell(self, fact: Fact, aggregate: str, service: str = SERVICE) -> None:
        self._numbers[aggregate] += 1
        id = draw_id()
        row = fact_row(
            fact,
            id=id,
            aggregate=aggregate,
            seq=self._numbers[aggregate],
            source=source_of(service),
            at=moment(Clock.real_now()),
            correlation_id=id,
            cause=None,
            traced={},
        )
        headers = tuple((name, text.encode()) for name, text in row.headers.items())
        topic = self._access.topic(fact.TOPIC)
        await self._access.publish([Outgoing(topic, fact.key.encode(), headers, row.value)])


def _now(par: str = AGENT) -> Mention:
    return Mention(at=Clock.real_now(), par=par)


def _granted(profil: str) -> ProfilAccorde:
    return ProfilAccorde(
        profil=profil,
        missions="Accompagnement social des familles",
        finalite="Instruction des aides de la commune",
        fondement="Convention d’accès",
        destinataires="Agents du centre communal d’action sociale",
        portee=Portee.CAF,
    )


def _today() -> date:
    return day_of(Clock.real_now())
