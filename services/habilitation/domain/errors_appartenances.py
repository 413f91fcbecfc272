"""What is refused to whoever puts a person in a group, takes them out of it, or moves them."""

from typing import ClassVar

from services.habilitation.domain.errors import GroupeOver, GroupeUnknown
from shared.errors import Refusal


class AlreadyMember(Refusal):
    """Nobody is twice in one group at the same time."""

    code: ClassVar[str] = "deja_membre"
    sentence: ClassVar[str] = "Cette personne est déjà membre de ce groupe à ces dates."
    field: ClassVar[str | None] = "user_id"


class NotMember(Refusal):
    """The person is not in that group, on the day that is meant."""

    code: ClassVar[str] = "non_membre"
    sentence: ClassVar[str] = "Cette personne n’est pas membre de ce groupe à cette date."
    field: ClassVar[str | None] = "user_id"


class DebutPast(Refusal):
    """A membership gives nothing backwards (assumed)."""

    code: ClassVar[str] = "debut_passe"
    sentence: ClassVar[str] = "La date de début ne peut pas être passée."
    field: ClassVar[str | None] = "debut"
    status: ClassVar[int] = 422


class MovePast(DebutPast):
    """Nobody moves backwards."""

    sentence: ClassVar[str] = "La date du changement de groupe ne peut pas être passée."
    field: ClassVar[str | None] = "le"


class FinPast(Refusal):
    """Nobody is taken out of a group before today: what was seen until then stays (assumed)."""

    code: ClassVar[str] = "fin_passee"
    sentence: ClassVar[str] = "La date de fin ne peut pas être passée."
    field: ClassVar[str | None] = "fin"
    status: ClassVar[int] = 422


class EndsBefore(Refusal):
    """An end only comes nearer; a longer membership is one more, from that end on (assumed)."""

    code: ClassVar[str] = "fin_anterieure"
    sentence: ClassVar[str] = (
        "Cette appartenance prend déjà fin à cette date ou avant : pour la prolonger, ajoutez la "
        "personne au groupe à partir de cette fin."
    )
    field: ClassVar[str | None] = "fin"


class AccountOver(Refusal):
    """A closed account is reopened before it joins a group."""

    code: ClassVar[str] = "compte_cloture"
    sentence: ClassVar[str] = "Ce compte est clôturé à cette date."
    field: ClassVar[str | None] = "user_id"


class TooManyAppartenances(Refusal):
    """More groups than one fact may carry."""

    code: ClassVar[str] = "trop_d_appartenances"
    sentence: ClassVar[str] = "Cette personne est membre d’un trop grand nombre de groupes."
    field: ClassVar[str | None] = "user_id"


class DestinationUnknown(GroupeUnknown):
    """The group that somebody is to move to is none of this convention's."""

    field: ClassVar[str | None] = "vers_id"


class DestinationOver(GroupeOver):
    """The group that somebody is to move to is closed."""

    field: ClassVar[str | None] = "vers_id"


class SameGroupe(Refusal):
    """Nobody moves to the group where they are."""

    code: ClassVar[str] = "meme_groupe"
    sentence: ClassVar[str] = "Le groupe d’arrivée est le groupe de départ."
    field: ClassVar[str | None] = "vers_id"
    status: ClassVar[int] = 422
