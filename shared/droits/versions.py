"""The version of somebody's rights: how far each aggregate was known when it was decided.

It travels with a decision, from one service to another and back with a person's next request: who
has seen a newer version is not answered from an older one (the « new enemy », G-30).
"""

import re
from dataclasses import dataclass
from typing import Self

from shared.contracts.conventions import MOST_APPARTENANCES, MOST_PASSEES

MOST_GROUPES = MOST_APPARTENANCES + MOST_PASSEES
"""Groups of a version: those of all memberships that are told of a person."""
_FORM = re.compile(
    r"c([0-9]{1,15})\.m([0-9]{1,15})"
    rf"((?:/[0-9a-zA-Z_.:-]{{1,64}}=[0-9]{{1,15}}){{0,{MOST_GROUPES}}})"
)


@dataclass(frozen=True, slots=True)
class Versions:
    """Numbers of the last facts known: of the convention, the memberships, the groups.

    Those of habilitation only: an account that closes ends its sessions by itself.
    """

    convention: int = 0
    membre: int = 0
    groupes: tuple[tuple[str, int], ...] = ()

    def covers(self, seen: "Versions") -> bool:
        """Whether nothing was seen that is not known here."""
        if self.convention < seen.convention or self.membre < seen.membre:
            return False
        known = dict(self.groupes)
        left = self.membre > seen.membre  # then a group that is absent here may have been left
        return all(known.get(id, seq if left else -1) >= seq for id, seq in seen.groupes)

    def known_to(self, groupes: frozenset[str] | None) -> "Versions":
        """The same, of these groups only; None: of all."""
        if groupes is None:
            return self
        kept = tuple(each for each in self.groupes if each[0] in groupes)
        return Versions(self.convention, self.membre, kept)

    def text(self) -> str:
        """As it travels: `c12.m4/7d1f…=3`; no id holds a slash or an equals sign."""
        groupes = "".join(f"/{id}={seq}" for id, seq in self.groupes)
        return f"c{self.convention}.m{self.membre}{groupes}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A version as it travelled. Raises ValueError for anything else."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError("no version of rights")
        named = (each.split("=") for each in found[3].split("/") if each)
        return cls(int(found[1]), int(found[2]), tuple((id, int(seq)) for id, seq in named))
