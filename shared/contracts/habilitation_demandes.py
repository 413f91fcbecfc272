"""What habilitation needs of other services, told on a topic of its own (ADR-0019)."""

from pydantic import AwareDatetime

from shared.contracts.comptes import Groupes
from shared.contracts.conventions import Libelle, NouvellePersonne
from shared.contracts.envelope import (
    Code,
    CodeCaf,
    Fact,
    Id,
    NumeroConvention,
    ShortText,
    message_type,
)
from shared.contracts.habilitation_commands import SERVICE
from shared.contracts.topics import DEMANDES


class _Demande(Fact):
    TOPIC = DEMANDES
    KEY = "convention_id"

    convention_id: NumeroConvention
    caf: CodeCaf | None = None
    asked_by: Id
    at: AwareDatetime


class AccountRequested(_Demande):
    """The account of somebody is needed: identity makes it, or not.

    `asked_by` is who wants it; `titre` is what for; `groupes` those that the person is to join;
    `caf` the Caf pivot, of which identity's own copy may not know yet.
    """

    TYPE = message_type(SERVICE, "account_requested")

    user_id: Id
    personne: NouvellePersonne
    titre: Code
    groupes: Groupes | None = None


class CafSollicitee(_Demande):
    """An administrateur called on his Caf, whose contact is written to; `sujet` is composed."""

    TYPE = message_type(SERVICE, "caf_sollicitee")

    sollicitation_id: Id
    caf: CodeCaf
    organisme: Libelle
    objet: Code
    service: Code | None = None
    sujet: ShortText
    message: ShortText
