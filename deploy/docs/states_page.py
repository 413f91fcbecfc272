"""The states of what habilitation keeps, drawn from the tables that its decisions check."""

from typing import Any

from services.habilitation.domain.etats import APPARTENANCE, CONVENTION, GROUPE, SERVICE, Cycle

INTRODUCTION = """\
# Les états

Page produite par `python -m deploy docs` à partir de `services/habilitation/domain/etats.py` ; ne
pas la modifier à la main. Une flèche porte le fait qui la dit ; ce qu’aucune flèche ne permet est
refusé, `etat_contraire`. Les jours (ouverture, clôture, début, fin) font passer d’un état à l’autre
par l’horloge, que le planificateur l’ait déjà dit ou non.
"""

CYCLES: dict[str, Cycle[Any]] = {
    "Une convention": CONVENTION,
    "Un service d’une convention": SERVICE,
    "Un groupe": GROUPE,
    "Une appartenance": APPARTENANCE,
}


def states_page() -> str:
    """The whole page, in Markdown, with a Mermaid diagram for each kind of thing."""
    return "\n".join([INTRODUCTION, *map(_section, CYCLES, CYCLES.values())])


def _section(title: str, cycle: Cycle[Any]) -> str:
    lines = [f"## {title}\n", "```mermaid", "stateDiagram-v2", "  direction LR"]
    lines += [f"  {etat} : {libelle}" for etat, libelle in cycle.libelles.items()]
    for passage in cycle.passages:
        depuis = "[*]" if passage.depuis is None else passage.depuis
        lines.append(f"  {depuis} --> {passage.vers} : {passage.fait.__name__}")
    last = [etat for etat in cycle.libelles if not any(p.depuis == etat for p in cycle.passages)]
    lines += [f"  {etat} --> [*]" for etat in last]
    return "\n".join([*lines, "```", ""])
