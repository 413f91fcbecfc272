"""Who plays in the demo: invented people of an invented town hall, and their Caf."""

from dataclasses import dataclass

CAF, OTHER_CAF = "931", "831"
CONVENTION = "19_214"
"""The form of a convention number, as an example [seed 002]."""
OTHER_CONVENTION = "20_301"
ORGANISME = "Mairie de Valfleury"
SIRET, WRONG_SIRET = "21930001900011", "21930001900012"
"""Of an invented town hall; the key of the second is wrong."""


@dataclass(frozen=True)
class Person:
    """Somebody, the address where his mails come, the password that he chooses."""

    prenom: str
    nom: str
    mail: str
    chosen: str = ""

    def __str__(self) -> str:
        return f"{self.prenom} {self.nom}"

    def form(self, convention_id: str = CONVENTION) -> dict[str, str]:
        """The form that opens an account for him."""
        return {"convention_id": convention_id, **self.told()}

    def told(self) -> dict[str, str]:
        """What a form says of him, his address typed twice."""
        return {
            "nom": self.nom,
            "prenom": self.prenom,
            "mail": self.mail,
            "mail_confirmation": self.mail,
        }


ZOE = Person("Zoé", "Martin", "zoe.martin@caf.exemple.fr", "Tilleul-42-Rivage")
HUGO = Person("Hugo", "Blanc", "hugo.blanc@caf.exemple.fr", "Falaise!26-Genet")
"""Of another Caf."""
AMINA = Person("Amina", "Durand", "amina.durand@ville.exemple.fr", "Marelle!7-Granit")
INES = Person("Inès", "Moreau", "ines.moreau@ville.exemple.fr", "Bobine+18-Tempete")
LOUIS = Person("Louis", "Petit", "louis.petit@ville.exemple.fr")
KARIM = Person("Karim", "Roux", "karim.roux@ville.exemple.fr")
