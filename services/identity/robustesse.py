"""How easily a password is guessed: zxcvbn with French words, in a thread of its own."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from services.identity.domain.mots import plain

WORDS = Path(__file__).parent / "data" / "mots_courants.txt"


class Zxcvbn:
    """Scores passwords; the library is loaded with the first one (13 MB)."""

    async def score(self, password: str, words: Sequence[str]) -> int:
        """From 0 (at once) to 4, these words being known to who guesses."""
        return await asyncio.to_thread(_score, password, tuple(words))


def _score(password: str, words: tuple[str, ...]) -> int:
    """Zxcvbn's own entry keeps the words of the last person for all: its parts do not."""
    from zxcvbn import matching, scoring, time_estimates

    ranked = {
        **matching.RANKED_DICTIONARIES,
        "francais": matching.build_ranked_dict(list(common_words())),
        "personne": matching.build_ranked_dict(list(words)),
    }

    def score(typed: str) -> int:
        matches = matching.omnimatch(typed, ranked)
        found = scoring.most_guessable_match_sequence(typed, matches)
        return time_estimates.guesses_to_score(Decimal(found["guesses"]))

    return min(score(password), score("".join(plain(each) or each for each in password)))


@cache
def common_words() -> tuple[str, ...]:
    """The French words that passwords are made of, the likeliest first."""
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())
