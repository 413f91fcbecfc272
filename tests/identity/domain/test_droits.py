"""Who may do what to whom: every actor, account and operation (domain.md § 2.2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain import droits
from services.identity.domain.compte import Acteur, Compte
from services.identity.domain.copies import Convention, Groupe
from services.identity.domain.droits import DROITS, Cible, Demandeur, Operation, Personne, Titre
from services.identity.domain.errors import (
    CafUnknown,
    ConventionNotOpen,
    ConventionOver,
    ConventionUnknown,
    GroupeOver,
    GroupeUnknown,
    NotDelegated,
    NotPermitted,
    UserUnknown,
)
from shared.calendrier import day_of
from shared.contracts.comptes import Fonction, GenreCompte
from shared.contracts.conventions import EtatConvention, NatureGroupe
from shared.errors import Refusal
from shared.security.principal import Principal
from tests.identity.builders import AGENT, ITSELF, NOW, agent, compte, convention, groupe, partner

DAY = day_of(NOW)
OURS = convention(administrateurs=("admin", "suppleant"))
THEIRS = convention("20_7", caf="831", administrateurs=("leur-admin",))
G1, G2 = groupe("g1", "resp"), groupe("g2", "autre-resp")
CLOSED = groupe("g3", "resp", cloture=DAY)
HABILITER = groupe("h", "admin", nature=NatureGroupe.AFAS_HABILITER)
DECLARER = groupe("d", "admin", nature=NatureGroupe.AFAS_DECLARER)
FOREIGN = groupe("g9", "resp", convention_id="20_7")


def demandeur(
    principal: Principal, account: Compte, own: Convention | None = OURS, *groupes: Groupe
) -> Demandeur:
    return Demandeur(principal, Acteur(**dict(account)), own, groupes)


def of_ours(user_id: str, *groupes: Groupe) -> Demandeur:
    return demandeur(partner(user_id), compte(user_id), OURS, *groupes)


LANDLORD = compte("proprio", genre=GenreCompte.BAILLEUR, convention_id=None, caf="931")
AUDITOR = agent("agent-3", fonctions=(Fonction.SUPERVISION_CDAP,))
ACTORS = {
    "agent": demandeur(AGENT, agent(), None),
    "agent d'ailleurs": demandeur(AGENT, agent(caf="831"), None),
    "agent sans la fonction": demandeur(AGENT, AUDITOR, None),
    "agent clôturé": demandeur(AGENT, agent(cloture=DAY), None),
    "administrateur": of_ours("admin"),
    "responsable": of_ours("resp"),
    "membre AFAS": of_ours("afas", HABILITER),
    "utilisateur": of_ours("simple", G1),
    "clôturé": demandeur(partner("admin"), compte("admin", cloture=DAY)),
    "admin d'ailleurs": demandeur(
        partner("leur-admin"), compte("leur-admin", convention_id="20_7"), THEIRS
    ),
    "bailleur": demandeur(partner("proprio"), LANDLORD, None),
    "système": Demandeur(ITSELF),
    "sans compte": Demandeur(partner("nul")),
}


def person(user_id: str, *groupes: Groupe | None, own: Convention | None = OURS) -> Personne:
    account = compte(user_id, convention_id=None if own is None else own.id)
    return Personne(account, own, groupes)


TARGETS: dict[str, Personne | None] = {
    "sans groupe": person("p0"),
    "de g1": person("p1", G1),
    "de g1 et g2": person("p2", G1, G2),
    "de g1 et d'un groupe inconnu": person("p3", G1, None),
    "d'AFAS": person("p4", DECLARER),
    "d'AFAS et g1": person("p5", DECLARER, G1),
    "administrateur": person("suppleant", HABILITER),
    "administrateur de g1": person("suppleant", G1),
    "d'ailleurs": person("p6", own=THEIRS),
    "agent": Personne(agent("agent-2")),
    "agent d'ailleurs": Personne(agent("agent-2", caf="831")),
    "bailleur": Personne(LANDLORD.changed(id="proprio-2")),
    "bailleur d'ailleurs": Personne(LANDLORD.changed(id="proprio-2", caf="831")),
    "inconnu": None,
}

ALL = frozenset(Operation) - {Operation.CREER}
MANAGED = ALL - {Operation.REINITIALISER}
SEEN = frozenset({Operation.CONSULTER})
REFUSED = {
    "agent sans la fonction": NotPermitted,
    "agent clôturé": NotPermitted,
    "clôturé": NotPermitted,
    "système": NotPermitted,
    "sans compte": NotPermitted,
}
"""Who may nothing at all, whatever he asks about."""
ALLOWED: dict[tuple[str, str], frozenset[Operation]] = {
    **{
        ("agent", target): ALL
        for target, personne in TARGETS.items()
        if personne is not None and "ailleurs" not in target
    },
    **{("agent d'ailleurs", t): ALL for t in TARGETS if "ailleurs" in t},
    **{
        ("administrateur", target): MANAGED
        for target in TARGETS
        if target.startswith(("sans groupe", "de g1", "d'AFAS"))
    },
    ("administrateur", "administrateur"): SEEN,
    ("administrateur", "administrateur de g1"): SEEN,
    ("responsable", "de g1"): MANAGED,
    ("responsable", "de g1 et g2"): SEEN,
    ("responsable", "de g1 et d'un groupe inconnu"): SEEN,
    ("responsable", "d'AFAS et g1"): SEEN,
    ("responsable", "administrateur de g1"): SEEN,
    ("membre AFAS", "d'AFAS"): MANAGED,
    ("membre AFAS", "d'AFAS et g1"): SEEN,
    ("admin d'ailleurs", "d'ailleurs"): MANAGED,
}
"""Everything that is allowed; the rest is refused, as unknown where it may not be seen."""


def outcome(who: Demandeur, operation: Operation, whom: Personne | None) -> type[Refusal] | None:
    try:
        droits.check(who, operation, whom, DAY)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize("operation", sorted(ALL))
@pytest.mark.parametrize("whom", TARGETS)
@pytest.mark.parametrize("who", ACTORS)
def test_matrix(who: str, whom: str, operation: Operation) -> None:
    allowed = ALLOWED.get((who, whom), frozenset())
    if operation in allowed:
        expected = None
    else:
        expected = REFUSED.get(who, NotPermitted if allowed else UserUnknown)
    assert outcome(ACTORS[who], operation, TARGETS[whom]) is expected


@pytest.mark.parametrize("operation", sorted(ALL))
@pytest.mark.parametrize("who", ["agent", "administrateur", "responsable", "utilisateur"])
def test_nobody_acts_on_himself(who: str, operation: Operation) -> None:
    actor = ACTORS[who]
    own = actor.principal.id
    himself = Personne(agent(own)) if who == "agent" else person(own, G1)
    expected = None if operation is Operation.CONSULTER else NotPermitted
    assert outcome(actor, operation, himself) is expected


def test_agent_without_the_function_sees_himself() -> None:
    assert outcome(ACTORS["agent sans la fonction"], Operation.CONSULTER, Personne(agent())) is None


@pytest.mark.parametrize(
    ("own", "refusal"),
    [
        ({"etat": EtatConvention.SUSPENDUE}, ConventionNotOpen),
        ({"etat": EtatConvention.CLOTUREE}, ConventionNotOpen),
        ({"etat": EtatConvention.BROUILLON}, ConventionNotOpen),
        ({"cloture": DAY}, ConventionNotOpen),
        ({"gestion_deleguee": False}, NotDelegated),
    ],
)
def test_partners_may_nothing_in_a_convention_that_is_not_open_or_not_delegated(
    own: dict[str, Any], refusal: type[Refusal]
) -> None:
    changed = OURS.changed(**own)
    actor = replace(ACTORS["administrateur"], convention=changed)
    target = Personne(compte("p0"), changed)
    for operation in MANAGED - SEEN:
        assert outcome(actor, operation, target) is refusal
        assert outcome(ACTORS["agent"], operation, target) is None
    assert creation("administrateur", changed) is refusal


def test_delegation_ends_with_the_group_and_with_the_membership_in_afas_habiliter() -> None:
    actor = ACTORS["responsable"]
    assert outcome(actor, Operation.MODIFIER, person("p1", CLOSED)) is UserUnknown
    assert not actor.manages(FOREIGN, DAY)
    opens_later = groupe("g4", "resp", ouverture=DAY + timedelta(days=9))
    assert actor.manages(opens_later, DAY)
    left = of_ours("afas")
    assert outcome(left, Operation.MODIFIER, TARGETS["d'AFAS"]) is UserUnknown


# -- making accounts ------------------------------------------------------------------------------


def creation(
    who: str, own: Convention | None = OURS, *groupes: Groupe | None
) -> type[Refusal] | None:
    actor = ACTORS[who]
    if own is not None and actor.convention is not None and own.id == actor.convention.id:
        actor = replace(actor, convention=own)
    try:
        droits.check_creation(actor, own, groupes, DAY)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("who", "groupes", "expected"),
    [
        ("agent", (), None),
        ("agent", (G1, HABILITER), None),
        ("administrateur", (), None),
        ("administrateur", (G1, G2), None),
        ("responsable", (), NotPermitted),
        ("responsable", (G1,), None),
        ("responsable", (G1, G2), NotPermitted),
        ("responsable", (DECLARER,), NotPermitted),
        ("membre AFAS", (), NotPermitted),
        ("membre AFAS", (DECLARER,), None),
        ("membre AFAS", (HABILITER,), NotPermitted),
        ("membre AFAS", (DECLARER, G1), NotPermitted),
        ("utilisateur", (), NotPermitted),
        ("utilisateur", (G1,), NotPermitted),
        ("agent d'ailleurs", (), ConventionUnknown),
        ("admin d'ailleurs", (), ConventionUnknown),
        ("bailleur", (), ConventionUnknown),
        ("agent sans la fonction", (), NotPermitted),
        ("agent clôturé", (), NotPermitted),
        ("clôturé", (), NotPermitted),
        ("système", (), NotPermitted),
        ("sans compte", (), NotPermitted),
        ("agent", (None,), GroupeUnknown),
        ("agent", (FOREIGN,), GroupeUnknown),
        ("administrateur", (FOREIGN,), GroupeUnknown),
        ("responsable", (FOREIGN,), GroupeUnknown),
        ("agent", (CLOSED,), GroupeOver),
        ("administrateur", (G1, CLOSED), GroupeOver),
    ],
)
def test_who_makes_accounts(
    who: str, groupes: tuple[Groupe | None, ...], expected: type[Refusal] | None
) -> None:
    assert creation(who, OURS, *groupes) is expected


@pytest.mark.parametrize("who", ACTORS)
def test_convention_of_others_is_answered_as_the_unknown_one(who: str) -> None:
    elsewhere = convention("21_3", caf="131")
    assert creation(who, elsewhere) is creation(who, None)


def test_nobody_gets_an_account_in_a_closed_convention() -> None:
    for closed in (OURS.changed(etat=EtatConvention.CLOTUREE), OURS.changed(cloture=DAY)):
        assert creation("agent", closed) is ConventionOver
    assert creation("agent", OURS.changed(etat=EtatConvention.SUSPENDUE)) is None


@pytest.mark.parametrize("who", ACTORS)
def test_internal_accounts_are_made_by_agents_of_the_same_caf(who: str) -> None:
    for caf in ("931", "831"):
        own = {"agent": "931", "agent d'ailleurs": "831"}.get(who)
        expected = None if own == caf else (CafUnknown if own else NotPermitted)
        if expected is None:
            droits.check_agent_creation(ACTORS[who], caf, DAY)
            continue
        with pytest.raises(expected):
            droits.check_agent_creation(ACTORS[who], caf, DAY)


@pytest.mark.parametrize("who", ACTORS)
def test_landlords_are_injected_by_systems(who: str) -> None:
    principal = ACTORS[who].principal
    if who == "système":
        droits.check_bailleur_creation(principal)
        return
    with pytest.raises(NotPermitted):
        droits.check_bailleur_creation(principal)


def test_table_lets_nobody_change_himself() -> None:
    for cible in Cible:
        assert DROITS[Titre.SOI, cible] == SEEN
