"""Every change of state that any test makes is an arrow of docs/etats.md, told by its fact."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.etats import APPARTENANCE, CONVENTION, GROUPE, SERVICE, Cycle
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.envelope import Fact
from shared.path.decision import Document

States = dict[str, tuple[Cycle[Any], StrEnum]]
"""What has a state in a document → the table of its kind, that state."""


def check_arrows(
    before: Document | None, after: Document, told: list[type[Fact]], day: date
) -> None:
    """Fail where a state was left or begun by a fact that no arrow carries."""
    were = {} if before is None else states_of(before, day)
    for name, (cycle, etat) in states_of(after, day).items():
        was = were[name][1] if name in were else None
        led_to = {was}
        for fait in told:
            arrows = [each for each in cycle.passages if each.fait is fait]
            led_to |= {each.vers for each in arrows if each.depuis in led_to}
        assert etat in led_to, f"{after.key}: {name} from {was} to {etat} by {told}"


def states_of(document: Document, day: date) -> States:
    """By the calendar."""
    return dict(_states(document, day))


def _states(document: Document, day: date) -> Iterator[tuple[str, tuple[Cycle[Any], StrEnum]]]:
    if isinstance(document, Convention):
        yield "convention", (CONVENTION, document.etat)  # last told: a day that comes is told later
        for service in document.services:
            yield f"service {service.service}", (SERVICE, service.etat)
    elif isinstance(document, Groupe):
        yield "groupe", (GROUPE, document.etat_at(day))
    elif isinstance(document, Membre):
        begun: Counter[str] = Counter()
        for each in document.appartenances:
            name = f"{each.groupe_id} from {each.debut}"
            begun[name] += 1
            yield f"{name}, {begun[name]}", (APPARTENANCE, each.etat_at(day))
