"""The rules of delegation as sets: what may be done in our convention, whatever the code says.

Written from domain.md § 2.2 and § 2.3 alone, for one day: who manages which groups, who belongs to
them, which profile they give. Each act gives the world after it, or None where it is refused.
"""

from dataclasses import dataclass, field, replace
from typing import Self

CAF, ADMINS = "agent", frozenset({"admin", "suppleant"})
AFAS = frozenset({"habiliter", "declarer"})
OURS = ADMINS | {"resp", "autre-resp", "habiliteur", "membre", "simple"}
GRANTED = frozenset({"T1", "T2"})
Pair = tuple[str, str]


@dataclass(frozen=True)
class Monde:
    """Our convention: `membres` are (person, group), the groups `ouverts` are not closed."""

    membres: frozenset[Pair]
    roles: dict[str, str]
    responsables: dict[str, str]
    ouverts: frozenset[str]
    parents: dict[str, str] = field(default_factory=dict)
    kept: bool = False

    def manages(self, who: str) -> frozenset[str]:
        """The groups whose members he decides."""
        groupes = frozenset(self.responsables)
        if who == CAF:
            return groupes if self.kept else groupes & AFAS
        if self.kept:
            return frozenset()
        if who in ADMINS:
            return groupes - {"habiliter"}
        own = {each for each in self.ouverts if self.responsables[each] == who}
        afas = {"declarer"} if (who, "habiliter") in self.membres else set()
        return frozenset(own - {"habiliter"} | afas)

    def shapes(self, who: str) -> frozenset[str]:
        """The groups whose role, name and responsable he decides; the Caf's are nobody's."""
        return self.manages(who) - AFAS

    def closes(self, who: str) -> frozenset[str]:
        """The groups that he closes, opens again, deletes."""
        return self.shapes(who) if who in ADMINS | {CAF} else frozenset()

    def may_touch(self, who: str, user: str) -> bool:
        """Whether he may change what that person belongs to."""
        return user in OURS and (user not in ADMINS or who in ADMINS | {CAF})

    @property
    def droits(self) -> frozenset[Pair]:
        """Who has which profile."""
        return frozenset(
            (user, self.roles[each])
            for user, each in self.membres
            if each in self.ouverts and each in self.roles
        )

    def gained(self, after: Self, who: str) -> Self | None:
        """The world after it, unless he gains by it, or anybody has two profiles."""
        profils = [user for user, _ in after.droits]
        gains = {user for user, _ in after.droits - self.droits}
        return None if len(profils) > len(set(profils)) or who in gains else after

    def add(self, who: str, user: str, groupe: str) -> Self | None:
        """Put somebody in a group."""
        allowed = groupe in self.manages(who) & self.ouverts and self.may_touch(who, user)
        if not allowed or user == who or (user, groupe) in self.membres:
            return None
        return self.gained(replace(self, membres=self.membres | {(user, groupe)}), who)

    def end(self, who: str, user: str, groupe: str) -> Self | None:
        """Take somebody out of a group."""
        if groupe not in self.manages(who) or not self.may_touch(who, user):
            return None
        if (user, groupe) not in self.membres:
            return None
        return replace(self, membres=self.membres - {(user, groupe)})

    def move(self, who: str, user: str, groupe: str, vers: str) -> Self | None:
        """Take somebody out of a group and put them in another."""
        gone = self.end(who, user, groupe)
        return None if gone is None or vers == groupe else gone.add(who, user, vers)

    def assign(self, who: str, groupe: str, profil: str) -> Self | None:
        """Give a group its profile."""
        if groupe not in self.shapes(who) & self.ouverts or profil not in GRANTED:
            return None
        if self.roles.get(groupe) == profil:
            return self
        if (who, groupe) in self.membres:
            return None
        return self.gained(replace(self, roles={**self.roles, groupe: profil}), who)

    def withdraw(self, who: str, groupe: str) -> Self | None:
        """Take a group's profile away."""
        if groupe not in self.shapes(who) or groupe not in self.roles:
            return None
        return replace(self, roles=_without(self.roles, groupe))

    def name(self, who: str, groupe: str, user: str) -> Self | None:
        """Name the responsable of a group; those of the AFAS groups are the Caf's choice."""
        chosen = self.shapes(who) | (AFAS if who == CAF else frozenset())
        if groupe not in chosen or user not in OURS:
            return None
        return replace(self, responsables={**self.responsables, groupe: user})

    def open(self, who: str, groupe: str, user: str, parent: str | None) -> Self | None:
        """Make a group, or one under another."""
        above = self.shapes(who) & self.ouverts
        top = who == CAF if self.kept else who in ADMINS
        if user not in OURS or not (top if parent is None else parent in above):
            return None
        return replace(
            self,
            ouverts=self.ouverts | {groupe},
            responsables={**self.responsables, groupe: user},
            parents=self.parents if parent is None else {**self.parents, groupe: parent},
        )

    def close(self, who: str, groupe: str) -> Self | None:
        """Close a group."""
        if groupe not in self.closes(who) & self.ouverts:
            return None
        return replace(self, ouverts=self.ouverts - {groupe})

    def reopen(self, who: str, groupe: str) -> Self | None:
        """Open a closed group again."""
        if groupe not in self.closes(who) - self.ouverts:
            return None
        if (who, groupe) in self.membres and groupe in self.roles:
            return None
        return self.gained(replace(self, ouverts=self.ouverts | {groupe}), who)

    def delete(self, who: str, groupe: str) -> Self | None:
        """Delete an empty group."""
        holds = {each for _, each in self.membres} | set(self.parents.values())
        if groupe not in self.closes(who) or groupe in holds:
            return None
        return replace(
            self,
            roles=_without(self.roles, groupe),
            responsables=_without(self.responsables, groupe),
            parents=_without(self.parents, groupe),
            ouverts=self.ouverts - {groupe},
        )


def _without(named: dict[str, str], groupe: str) -> dict[str, str]:
    return {each: value for each, value in named.items() if each != groupe}
