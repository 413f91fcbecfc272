"""Somebody chosen on a screen, or whose account is to be made."""

from typing import Any, ClassVar

from services.habilitation.forms.form import ChoiceMissing, Form, NotConfirmed
from shared.contracts.comptes import Mail, Poste, Telephone, Texte
from shared.ids import draw_id


class PersonneForm(Form):
    """Une personne dont le compte est à ouvrir ; adresse et téléphone saisis deux fois."""

    nom: Texte
    prenom: Texte
    mail: Mail
    mail_confirmation: Mail
    telephone: Telephone | None = None
    telephone_confirmation: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE

    def asked(self) -> dict[str, Any]:
        """What identity is asked of him. Raises NotConfirmed."""
        for typed, again in (
            (self.mail, self.mail_confirmation),
            (self.telephone, self.telephone_confirmation),
        ):
            if _plain(typed) != _plain(again):
                raise NotConfirmed
        confirmations = {"mail_confirmation", "telephone_confirmation"}
        return self.model_dump(mode="json", exclude_none=True, exclude=confirmations)


class Choosing(Form):
    """A form in which somebody is chosen (`COMPTE`) or created (`PERSONNE`).

    The id of who is created is drawn here, so that it can be given back before his account is made.
    """

    COMPTE: ClassVar[str]
    PERSONNE: ClassVar[str]
    MUST: ClassVar[bool] = True
    """Whether one of both is needed."""

    def asked(self) -> dict[str, Any]:
        """What a command says of it. Raises ChoiceMissing, NotConfirmed."""
        compte, personne = getattr(self, self.COMPTE), getattr(self, self.PERSONNE)
        if (compte and personne) or (self.MUST and not (compte or personne)):
            raise ChoiceMissing
        told = super().asked()
        if personne is not None:
            told |= {self.COMPTE: draw_id(), self.PERSONNE: personne.asked()}
        return told


def _plain(typed: str | None) -> str | None:
    """What was typed, whatever the case and what separates digits."""
    return None if typed is None else "".join(typed.split()).lower()
