"""What is refused when nobody can tell whether somebody has access."""

from typing import ClassVar

from shared.errors import Refusal


class DroitsPasAJour(Refusal):
    """What is known of rights is too old to decide, or older than what was already seen."""

    code: ClassVar[str] = "droits_pas_a_jour"
    sentence: ClassVar[str] = (
        "Vos droits ne peuvent pas être vérifiés pour l’instant : réessayez dans quelques instants."
    )
    status: ClassVar[int] = 503
