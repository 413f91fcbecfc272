"""Somebody chosen on a screen, or whose account is to be made."""

from typing import Any, ClassVar

from services.habilitation.forms.form import (
    ChoiceMissing,
    Form,
    MailNotConfirmed,
    ResponsableToChoose,
    TelephoneNotConfirmed,
)
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
        """What identity is asked of him. Raises MailNotConfirmed, TelephoneNotConfirmed."""
        if _plain(self.mail) != _plain(self.mail_confirmation):
            raise MailNotConfirmed
        if _plain(self.telephone) != _plain(self.telephone_confirmation):
            raise TelephoneNotConfirmed
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
        """What a command says of it. Raises ChoiceMissing, and what `PersonneForm.asked` does."""
        compte, personne = getattr(self, self.COMPTE), getattr(self, self.PERSONNE)
        if (compte and personne) or (self.MUST and not (compte or personne)):
            raise ResponsableToChoose if self.PERSONNE == "responsable" else ChoiceMissing
        told = super().asked()
        if personne is not None:
            told |= {self.COMPTE: draw_id(), self.PERSONNE: personne.asked()}
        return told


def _plain(typed: str | None) -> str | None:
    """What was typed, whatever the case and what separates digits."""
    return None if typed is None else "".join(typed.split()).lower()
