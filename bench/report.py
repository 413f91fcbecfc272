"""Writes the results: JSON for programs, a page in French for people."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure

READING = Path(__file__).with_name("lecture.md")
"""The hand-written part: how to read the figures, what bounds them."""
LABELS = {
    "commands": "Commandes par tout le chemin",
    "commands_small_polls": "Commandes, boucle nue par relevés de 500",
    "projection": "Projection de faits, par lots",
    "latency_median": "Latence commande → fait, médiane",
    "latency_p99": "Latence commande → fait, 99ᵉ centile",
    "http_commands": "Commande HTTP sans hachage, 16 clients",
    "sign_ins": "Connexions par mot de passe, 16 clients",
    "sign_in_median": "Connexion par mot de passe, médiane",
    "sign_in_p95": "Connexion par mot de passe, p95",
    "sign_in_memory": "Mémoire pendant les connexions",
    "accounts_created": "Comptes ouverts",
    "account_to_mails_p95": "Compte demandé → ses deux mails arrivés, p95",
    "habilitation_commands": "Commandes d’habilitation",
    "droits_decision": "Droit décidé, p95, à côté de pycasbin",
    "droits_decision_limite": "Droit décidé, p95",
    "droits_explication": "Droit décidé et expliqué, p95",
    "droits_openfga": "Droit décidé, p95, à côté d’OpenFGA",
    "droits_http": "Droits décidés par HTTP, à côté d’OpenFGA",
    "droits_retrait": "Droit retiré, vu ailleurs, p99",
    "droits_projection": "Un million d’appartenances, copiées",
    "droits_rebuild_memory": "Mémoire de leur reconstruction",
    "droits_liste": "Une page de qui a un service, p95",
    "commands_two_replicas": "Deux processus à côté d’un",
    "hot_accounts_http_p95": "40 comptes très demandés, p95 HTTP",
    "memory_identity": "Mémoire au repos : identity",
    "memory_habilitation": "Mémoire au repos : habilitation",
    "memory_notifications": "Mémoire au repos : notifications",
    "mail_campaign": "Mails en file, envoyés",
    "campaign": "Campagne de relances, de la commande au mail",
    "rebuild_memory": "Mémoire d’une reconstruction",
}
BROKERS = {
    "apache": "Apache Kafka",
    "embedded": "broker embarqué",
    "docker": "Apache Kafka (Docker)",
}


def save(
    figures: Sequence[Figure], conditions: Sequence[tuple[str, str]], results: Path, page: Path
) -> list[Figure]:
    """Write both files; figures of rows that were not measured now stay as they are."""
    measured = {(each.name, each.broker) for each in figures}
    kept = [each for each in load(results) if (each.name, each.broker) not in measured]
    order = list(LABELS)
    merged = sorted([*figures, *kept], key=lambda each: (each.broker, order.index(each.name)))
    results.parent.mkdir(parents=True, exist_ok=True)
    page.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(
        json.dumps([each.as_json() for each in merged], ensure_ascii=False, indent=2) + "\n"
    )
    page.write_text(render(merged, conditions))
    return merged


def load(results: Path) -> list[Figure]:
    """The figures of an earlier run."""
    if not results.exists():
        return []
    return [Figure(**each) for each in json.loads(results.read_text())]


def render(figures: Sequence[Figure], conditions: Sequence[tuple[str, str]]) -> str:
    """The page."""
    lines = [
        "# Mesures",
        "",
        "Page écrite par `make bench` ; `bench/results.json` dit la même chose aux programmes.",
        "",
        "| mesure | broker | nous | en face | rapport | barre | |",
        "|---|---|---:|---:|---:|---:|---|",
        *map(_line, figures),
        "",
        READING.read_text().strip(),
        "",
        "## Détail de chaque ligne",
        "",
        *(line for figure in figures for line in _detail(figure)),
        "## Conditions de la dernière mesure",
        "",
        *(f"- {name} : {value}" for name, value in conditions),
        "",
    ]
    return "\n".join(lines)


def say(figure: Figure) -> str:
    """A figure in one line, for whoever waits in front of the screen."""
    beside = "" if figure.beside is None else f" à côté de {_number(figure.beside)}"
    ratio = "" if figure.ratio is None else f", rapport {_number(figure.ratio)}"
    bar = "" if figure.bar is None else f" (barre {_number(figure.bar)} : {_verdict(figure)})"
    return f"{LABELS[figure.name]} : {_number(figure.ours)}{beside} {figure.unit}{ratio}{bar}"


def _line(figure: Figure) -> str:
    cells = [
        LABELS[figure.name],
        BROKERS.get(figure.broker, figure.broker),
        f"{_number(figure.ours)} {figure.unit}",
        "" if figure.beside is None else f"{_number(figure.beside)} {figure.unit}",
        "" if figure.ratio is None else _number(figure.ratio),
        "" if figure.bar is None else f"≥ {_number(figure.bar)}",
        _verdict(figure),
    ]
    return f"| {' | '.join(cells)} |"


def _verdict(figure: Figure) -> str:
    if figure.reached is None:
        return "rapporté"
    return "atteinte" if figure.reached else "**manquée**"


def _detail(figure: Figure) -> list[str]:
    broker = BROKERS.get(figure.broker, figure.broker)
    ranges = {"ours": "nous", "beside": "en face"}
    spread = " ; ".join(
        f"{ranges[side]} de {_number(low)} à {_number(high)}"
        for side, (low, high) in figure.spread.items()
    )
    return [
        f"### {LABELS[figure.name]} ({broker})",
        "",
        f"Mesuré le {figure.at}, {figure.rounds} manches ; étendue : {spread} {figure.unit}.",
        *(note for note in figure.notes),
        "",
    ]


def _number(value: float) -> str:
    """As French readers write it: 12 345 ; 1,52."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")
