"""The facts that tell a convention, a group, somebody's memberships: the whole state each time."""

from datetime import date, datetime
from typing import Any, TypeVar

from services.habilitation.domain.convention import Convention, Profil, ServiceSigne
from services.habilitation.domain.demandes import Demandes
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.mention import Mention
from shared.calendrier import day_of
from shared.contracts import conventions as mots
from shared.contracts.conventions import MOST_PASSEES, Rang
from shared.contracts.envelope import Fact
from shared.path.decision import Told

F = TypeVar("F", bound=Fact)


def tell_convention(model: type[F], convention: Convention, *, at: datetime, **more: Any) -> Told:
    """A fact about a convention, as it is after it."""
    return Told(convention, convention_fact(model, convention, at=at, **more))


def convention_fact(model: type[F], convention: Convention, *, at: datetime, **more: Any) -> F:
    """The fact alone, as `republish` tells it again."""
    contrat = convention.contrat
    return model(
        convention_id=convention.id,
        siret=convention.siret,
        organisme=convention.organisme,
        type_organisme=convention.type_organisme,
        departements=convention.departements,
        caf=convention.caf,
        gestion_deleguee=convention.gestion_deleguee,
        etat=convention.etat_at(day_of(at)),
        ouverture=convention.ouverture,
        validee=convention.validee,
        cloture=convention.cloture,
        contrat=None if contrat is None else contrat.signe_le,
        services=tuple(map(_service, convention.services)),
        administrateurs=tuple(each.user_id for each in convention.administrateurs),
        principal_id=_principal(convention),
        motif=convention.motif,
        suspension=_mention(convention.suspension),
        reprise=_mention(convention.reprise),
        at=at,
        **more,
    )


def tell_groupe(model: type[F], groupe: Groupe, *, at: datetime, **more: Any) -> Told:
    """A fact about a group, as it is after it."""
    return Told(groupe, groupe_fact(model, groupe, at=at, **more))


def groupe_fact(model: type[F], groupe: Groupe, *, at: datetime, **more: Any) -> F:
    """The fact alone, as `republish` tells it again."""
    retire = groupe.role_retire
    return model(
        convention_id=groupe.convention_id,
        groupe_id=groupe.id,
        code=groupe.code,
        libelle=groupe.libelle,
        nature=groupe.nature,
        responsable_id=groupe.responsable_id,
        ouverture=groupe.ouverture,
        cloture=groupe.cloture,
        parent_id=groupe.parent_id,
        niveau=groupe.niveau,
        role=None if groupe.role is None else mots.Role(**groupe.role.model_dump()),
        role_attribue=_mention(groupe.role_attribue),
        role_retire=None
        if retire is None
        else mots.RoleRetire(
            role=mots.Role(**retire.role.model_dump()), at=retire.at, par=retire.par
        ),
        supprime=groupe.supprime,
        at=at,
        **more,
    )


def tell_membre(model: type[F], membre: Membre, *, at: datetime, **more: Any) -> Told:
    """A fact about the memberships of a person: those that go on, and the newest that do not."""
    return Told(membre, membre_fact(model, membre, at=at, **more))


def membre_fact(model: type[F], membre: Membre, *, at: datetime, **more: Any) -> F:
    """The fact alone, as `republish` tells it again."""
    day = day_of(at)
    return model(
        convention_id=membre.convention_id,
        user_id=membre.id,
        appartenances=tuple(map(_told, membre.going_on(day))),
        passees=tuple(map(_told, _past(membre, day)[-MOST_PASSEES:])),
        at=at,
        **more,
    )


def tell_demande(
    model: type[F],
    convention: Convention,
    demandes: Demandes,
    *,
    by: str,
    at: datetime,
    **more: Any,
) -> Told:
    """What habilitation needs of another service, for a convention; `by` asked for it."""
    told = model(convention_id=convention.id, caf=convention.caf, asked_by=by, at=at, **more)
    return Told(demandes, told)


def _principal(convention: Convention) -> str | None:
    named = (each.user_id for each in convention.administrateurs if each.rang is Rang.PRINCIPAL)
    return next(named, None)


def _service(each: ServiceSigne) -> mots.ServiceConventionne:
    return mots.ServiceConventionne(
        service=each.service,
        etat=each.etat,
        bulletin=each.bulletin,
        eligibilite=each.eligibilite,
        motif=each.motif,
        suspension=_mention(each.suspension),
        reprise=_mention(each.reprise),
        resiliation=_mention(each.resiliation),
        profils=tuple(map(_profil, each.profils)),
    )


def _profil(each: Profil) -> mots.ProfilAccorde:
    told = each.model_dump(exclude={"confirmation"})
    return mots.ProfilAccorde(**told, confirmation=_mention(each.confirmation))


def _mention(kept: Mention | None) -> mots.Mention | None:
    return None if kept is None else mots.Mention(at=kept.at, par=kept.par)


def _past(membre: Membre, day: date) -> list[Appartenance]:
    past = [each for each in membre.appartenances if each.is_over(day)]
    return sorted(past, key=lambda each: each.fin or each.debut)


def _told(each: Appartenance) -> mots.Appartenance:
    return mots.Appartenance(
        groupe_id=each.groupe_id,
        debut=each.debut,
        fin=each.fin,
        par=each.par,
        fin_par=each.fin_par,
    )
