"""Answers the question of a captcha as a person would: by reading it, in French."""

import re

_NUMBERS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"]
_SUM = re.compile(r"Combien font (\w+) plus (\w+) \?")
_ODD_ONE = re.compile(r"Parmi ces mots, lequel est (.+) : (\w+), (\w+) ou (\w+) \?")
_KNOWN = {
    "une couleur": "blanc bleu gris jaune noir orange rose rouge vert violet",
    "un jour de la semaine": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "un animal": "canard chat cheval chien lapin mouton poisson renard vache",
    "un fruit": "abricot banane cerise fraise pêche poire pomme prune raisin",
    "un meuble": "armoire bureau buffet chaise commode fauteuil lit table",
}
"""What anybody knows of these words."""


class Unreadable(Exception):
    """A question that a person of the demo does not understand."""


def answer_to(question: str) -> str:
    """The answer to a question that is read or heard."""
    if terms := _SUM.fullmatch(question):
        return str(sum(map(_NUMBERS.index, terms.groups())))
    if choice := _ODD_ONE.fullmatch(question):
        kind, *words = choice.groups()
        for word in words:
            if word in _KNOWN.get(kind, "").split():
                return word
    raise Unreadable(question)
