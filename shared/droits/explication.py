"""A decision explained: the chain link by link, or up to the first that is missing, in French.

    lecteur = Lecteur(noms={user_id: "Claire Morel"}, groupes=frozenset({"7d1f…"}))
    explication = explain(dossier, CodeService.CDAP, day, lecteur)
    explication.is_granted, explication.phrase, explication.recours, explication.maillons

The first missing link is the decision's own: the two never differ. Each link has its aggregate, its
version and its dates, as far as they were told. People whose name the reader may not see are told
by their id only (`par`); of a group that he may not see, neither name nor id is told. AFAS goes on
to the role on an activité and the Caf's validation, unknown until afas tells them. Same inputs as
`chaine.decide`: for « what if », change a part of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import takewhile

from shared.calendrier import day_of
from shared.contracts.conventions import NEED_ELIGIBILITE, CodeService, NatureGroupe
from shared.droits.chaine import Decision, Manque, Voie, decide
from shared.droits.dossier import Compte, Convention, Dossier, Groupe, Mention, ServiceSigne
from shared.droits.mots import (
    Lecteur,
    as_sentence,
    say_day,
    say_groupe,
    say_par,
    say_role,
    say_service,
)
from shared.droits.phrases import (
    NomMaillon,
    Recours,
    ended_by,
    maillon_of,
    recours_of,
    say_manque,
    say_recours,
    when,
)
from shared.droits.versions import Versions

ANYBODY = Lecteur()
"""Who sees every group, and is told no name."""


class EtatMaillon(StrEnum):
    """Whether a link holds."""

    TENU = "tenu"
    MANQUANT = "manquant"
    INCONNU = "inconnu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maillon:
    """One link: what it is, whether it holds, which aggregate says so and in which version."""

    nom: NomMaillon
    phrase: str
    etat: EtatMaillon = EtatMaillon.TENU
    objet: str | None = None
    version: int | None = None
    debut: date | None = None
    fin: date | None = None
    par: str | None = None
    """Who made it so, or put an end to it."""


@dataclass(frozen=True, slots=True)
class Explication:
    """Why somebody has access to a service; or what is missing, and who can mend it."""

    decision: Decision
    maillons: tuple[Maillon, ...]
    phrase: str
    versions: Versions
    """Of what the reader may see."""
    recours: Recours | None = None

    @property
    def is_granted(self) -> bool:
        """Whether the person has access."""
        return self.decision.is_granted


def explain(dossier: Dossier, service: str, day: date, lecteur: Lecteur = ANYBODY) -> Explication:
    """The chain of a person and a service on a day, in words."""
    decision = decide(dossier, service, day)
    versions = decision.versions.known_to(lecteur.groupes)
    links = (_seen(each, decision, lecteur) for each in _links(dossier, decision, day, lecteur))
    if decision.manque is None:
        return Explication(decision, tuple(links), _granted(decision, lecteur), versions)
    broken = maillon_of(decision.manque)
    held = takewhile(lambda each: _ORDER[each.nom] < _ORDER[broken], links)
    cause = say_manque(decision, dossier, lecteur)
    recours = recours_of(decision, dossier)
    tail = say_recours(recours, dossier.compte)
    missing = _seen(_missing(broken, cause, decision, dossier), decision, lecteur)
    return Explication(decision, (*held, missing), f"{cause} {tail}".rstrip(), versions, recours)


def _seen(maillon: Maillon, decision: Decision, lecteur: Lecteur) -> Maillon:
    """A link without what tells which group it is, nor whose, where the reader may not see it."""
    voie = decision.voie
    if voie is None or maillon.nom not in _OF_GROUPE or lecteur.may_see(voie.groupe):
        return maillon
    objet = None if maillon.objet == voie.groupe.id else maillon.objet
    return replace(maillon, objet=objet, par=None)


def _missing(nom: NomMaillon, phrase: str, decision: Decision, dossier: Dossier) -> Maillon:
    objet, version = _aggregate(nom, decision, dossier)
    day, coming = when(decision, dossier), decision.manque in _COMING
    return Maillon(
        nom=nom,
        etat=EtatMaillon.MANQUANT,
        phrase=phrase,
        objet=objet,
        version=version,
        debut=day if coming else None,
        fin=None if coming else day,
        par=ended_by(decision, dossier),
    )


_ORDER = {nom: place for place, nom in enumerate(NomMaillon)}
_COMING = frozenset(
    {
        Manque.COMPTE_A_OUVRIR,
        Manque.CONVENTION_NON_SIGNEE,
        Manque.GROUPE_A_VENIR,
        Manque.APPARTENANCE_A_VENIR,
    }
)
_OF_GROUPE = frozenset({NomMaillon.GROUPE, NomMaillon.ROLE, NomMaillon.APPARTENANCE})
_OF_CONVENTION = frozenset(
    {
        NomMaillon.CONVENTION,
        NomMaillon.CONTRAT,
        NomMaillon.BULLETIN,
        NomMaillon.ELIGIBILITE,
        NomMaillon.SERVICE,
        NomMaillon.CONDITION,
    }
)


def _aggregate(
    nom: NomMaillon, decision: Decision, dossier: Dossier
) -> tuple[str | None, int | None]:
    """Which aggregate tells of a link, and its version."""
    compte, convention, membre = dossier.compte, dossier.convention, dossier.membre
    if nom in _OF_CONVENTION and convention is not None:
        return convention.id, convention.seq
    if nom is NomMaillon.COMPTE and compte is not None:
        return compte.id, compte.seq
    if nom is NomMaillon.APPARTENANCE and membre is not None:
        return membre.id, membre.seq
    voie = decision.voie
    return (None, None) if voie is None else (voie.groupe.id, voie.groupe.seq)


def _links(dossier: Dossier, decision: Decision, day: date, lecteur: Lecteur) -> Iterator[Maillon]:
    """The links that hold, as far as something is known of them."""
    compte, convention = dossier.compte, dossier.convention
    if compte is None:
        return
    yield from _of_compte(compte, day)
    if convention is None or compte.is_bailleur:
        return
    yield from _of_convention(convention, decision.service)
    voie = decision.voie
    if voie is not None:
        if not voie.appartenance.is_over(day):
            yield from _of_groupe(voie.groupe, decision, lecteur)
            yield from _condition(voie, convention)
        yield _appartenance(voie, dossier)
        yield from _beyond(voie, decision)


def _of_compte(compte: Compte, day: date) -> Iterator[Maillon]:
    if compte.is_bailleur:
        yield Maillon(
            nom=NomMaillon.INJECTION,
            phrase="Le compte a été créé à la suite d’une demande d’aide au logement"
            f"{_on(compte.ouverture)}.",
            objet=compte.id,
            version=compte.seq,
            debut=compte.ouverture,
        )
    if not compte.is_closed(day) and not compte.is_to_come(day):
        yield Maillon(
            nom=NomMaillon.COMPTE,
            phrase=f"Le compte est ouvert{_since(compte.ouverture)}{_until(compte.cloture)}.",
            objet=compte.id,
            version=compte.seq,
            debut=compte.ouverture,
            fin=compte.cloture,
        )


def _of_convention(convention: Convention, service: str) -> Iterator[Maillon]:
    def link(nom: NomMaillon, phrase: str, debut: date | None, fin: date | None = None) -> Maillon:
        return Maillon(
            nom=nom,
            phrase=phrase,
            objet=convention.id,
            version=convention.seq,
            debut=debut,
            fin=fin,
        )

    ouverte = f"{_since(convention.ouverture)}{_until(convention.cloture)}"
    if convention.reprise is not None:
        ouverte += f" ; sa suspension a été levée{_le(convention.reprise)}"
    yield link(
        NomMaillon.CONVENTION,
        f"La convention {convention.id} ({convention.organisme}) est ouverte{ouverte}.",
        convention.ouverture,
        convention.cloture,
    )
    if convention.contrat is not None:
        phrase = f"Le contrat de service a été signé le {say_day(convention.contrat)}."
        yield link(NomMaillon.CONTRAT, phrase, convention.contrat)
    signe = convention.service(service)
    if signe is not None:
        for nom, phrase, debut in _signed(signe):
            yield link(nom, phrase, debut)


def _signed(signe: ServiceSigne) -> Iterator[tuple[NomMaillon, str, date | None]]:
    service, le = say_service(signe.service), say_day(signe.bulletin)
    bulletin = f"Le bulletin d’adhésion à {service} a été signé le {le}."
    yield NomMaillon.BULLETIN, bulletin, signe.bulletin
    if signe.service in NEED_ELIGIBILITE and signe.eligibilite is not None:
        le = say_day(signe.eligibilite)
        yield (
            NomMaillon.ELIGIBILITE,
            f"Le formulaire d’éligibilité a été reçu le {le}.",
            signe.eligibilite,
        )
    if signe.reprise is not None:
        day = day_of(signe.reprise.at)
        yield NomMaillon.SERVICE, f"{service} n’est plus suspendu{_since(day)}.", day
    else:
        day = max(signe.bulletin, signe.eligibilite or signe.bulletin)
        yield NomMaillon.SERVICE, f"{service} est signé{_since(day)}, et n’est pas suspendu.", day


def _of_groupe(groupe: Groupe, decision: Decision, lecteur: Lecteur) -> Iterator[Maillon]:
    dates = f"{_since(groupe.ouverture)}{_until(groupe.cloture)}"
    yield Maillon(
        nom=NomMaillon.GROUPE,
        phrase=as_sentence(f"{say_groupe(groupe, lecteur)} est ouvert{dates}."),
        objet=groupe.id,
        version=groupe.seq,
        debut=groupe.ouverture,
        fin=groupe.cloture,
    )
    if groupe.role is not None and groupe.gives(decision.service):
        given = groupe.role_attribue
        since, by = _since(_day(given)), say_par(None if given is None else given.par, lecteur)
        attribue = f", attribué{by}" if by else ""
        more = _what_for(groupe.nature) if lecteur.may_see(groupe) else ""
        yield Maillon(
            nom=NomMaillon.ROLE,
            phrase=f"Le groupe a{since} le rôle {say_role(groupe.role)}{attribue}.{more}",
            objet=groupe.id,
            version=groupe.seq,
            debut=_day(given),
            par=None if given is None else given.par,
        )


def _condition(voie: Voie, convention: Convention) -> Iterator[Maillon]:
    """The own condition of a profile, if it has one."""
    profil = voie.profil
    if profil is None or profil.condition is None:
        return
    confirmed = profil.confirmation
    yield Maillon(
        nom=NomMaillon.CONDITION,
        phrase=f"La Caf a confirmé{_le(confirmed)} la condition du profil {profil.profil}.",
        objet=convention.id,
        version=convention.seq,
        debut=_day(confirmed),
        par=None if confirmed is None else confirmed.par,
    )


def _appartenance(voie: Voie, dossier: Dossier) -> Maillon:
    held, membre = voie.appartenance, dossier.membre
    return Maillon(
        nom=NomMaillon.APPARTENANCE,
        phrase=f"Le compte appartient au groupe{_since(held.debut)}{_until(held.fin)}.",
        objet=None if membre is None else membre.id,
        version=None if membre is None else membre.seq,
        debut=held.debut,
        fin=held.fin,
    )


def _beyond(voie: Voie, decision: Decision) -> Iterator[Maillon]:
    """What afas will tell: nobody knows yet."""
    if decision.service != CodeService.AFAS or voie.groupe.nature != NatureGroupe.AFAS_DECLARER:
        return
    yield Maillon(
        nom=NomMaillon.ROLE_ACTIVITE,
        etat=EtatMaillon.INCONNU,
        phrase="Le rôle sur une activité ou un lieu d’implantation n’est pas encore connu.",
    )
    yield Maillon(
        nom=NomMaillon.VALIDATION_CAF,
        etat=EtatMaillon.INCONNU,
        phrase="La validation de l’approbateur par la Caf n’est pas encore connue.",
    )


def _what_for(nature: str) -> str:
    """What the two AFAS groups open [seed 001]."""
    if nature == NatureGroupe.AFAS_HABILITER:
        return " Il ouvre l’administration des profils ; les déclarations sont à AFAS-DECLARER."
    return " Il ouvre les déclarations." if nature == NatureGroupe.AFAS_DECLARER else ""


def _granted(decision: Decision, lecteur: Lecteur) -> str:
    profil = "" if decision.profil is None else f", profil {decision.profil}"
    voie = decision.voie
    groupe = "" if voie is None else f", par {say_groupe(voie.groupe, lecteur)}"
    return f"Le compte accède à {say_service(decision.service)}{profil}{groupe}."


def _on(day: date | None) -> str:
    return "" if day is None else f", le {say_day(day)}"


def _day(mention: Mention | None) -> date | None:
    return None if mention is None else day_of(mention.at)


def _le(mention: Mention | None) -> str:
    return "" if mention is None else f" le {say_day(day_of(mention.at))}"


def _since(day: date | None) -> str:
    return "" if day is None else f" depuis le {say_day(day)}"


def _until(day: date | None) -> str:
    """`day` itself is left out."""
    return "" if day is None else f", jusqu’au {say_day(day)} exclu"
