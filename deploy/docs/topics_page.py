"""The registry of topics as a page for people, in French."""

from collections.abc import Iterable, Sequence

from shared.contracts.catalogue import carried_by
from shared.contracts.topics import DAY_MS, HOUR_MS, TOPICS, YEAR_MS, Topic

INTRODUCTION = """\
# Les topics

Page produite par `python -m deploy docs` à partir de `shared/contracts/topics.py` ; ne pas la
modifier à la main. Chaque topic y est déclaré une seule fois ; `python -m deploy topics create`
les crée. `platform` désigne les exploitants et les autres systèmes.
"""

LEGEND = """\
*Copies* : nombre de copies, puis nombre minimal de copies à jour pour écrire. *Taille* : plus
grand enregistrement, en octets.
"""

WHO = ("Topic", "Propriétaire", "Écrivent", "Lisent", "Clé", "Messages")
SETTINGS = ("Topic", "Partitions", "Conservation", "Nettoyage", "Horodatage", "Copies", "Taille")

STAMPED_BY = {"broker": "par Kafka, à l’arrivée", "producer": "par l’émetteur"}
CLEANUP = {"delete": "suppression", "compact": "compaction"}


def topics_page() -> str:
    """The whole page, in Markdown."""
    topics = list(TOPICS.values())
    return "\n".join(
        [
            INTRODUCTION,
            "## Qui écrit, qui lit, quoi\n",
            *_table(WHO, map(_who, topics)),
            "\n## Réglages\n",
            LEGEND,
            *_table(SETTINGS, map(_settings, topics)),
            "",
        ]
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(titles), _row(["---"] * len(titles)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _who(topic: Topic) -> list[str]:
    carried = carried_by(topic)
    keys = sorted({f"`{model.KEY}`" for model in carried})
    return [
        f"`{topic.name}`",
        topic.owner,
        ", ".join(topic.producers),
        ", ".join(topic.consumers),
        ", ".join(keys) or "celle d’origine",
        ", ".join(model.__name__ for model in carried) or "tout enregistrement, entier (privé)",
    ]


def _settings(topic: Topic) -> list[str]:
    return [
        f"`{topic.name}`",
        str(topic.partitions),
        _duration(topic.retention_ms),
        CLEANUP[topic.cleanup],
        STAMPED_BY[topic.timestamps],
        f"{topic.replication}, {topic.min_insync}",
        f"{topic.max_message_bytes:,}".replace(",", "\u202f"),
    ]


def _duration(milliseconds: int) -> str:
    years, rest = divmod(milliseconds, YEAR_MS)
    if years and not rest:
        return f"{years} an{'s' if years > 1 else ''}"
    days, hours = milliseconds // DAY_MS, milliseconds // HOUR_MS
    return f"{days} jours" if days > 1 else f"{hours} h"
