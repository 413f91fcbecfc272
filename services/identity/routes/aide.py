"""What anybody may read: the sign-in page's text, the règles d'usage, « Problème de connexion »."""

from fastapi import APIRouter

from services.identity import texts
from services.identity.domain.regles import in_force
from services.identity.forms import moi as forms


def add_aide(router: APIRouter) -> None:
    """Add the public texts."""

    @router.get("/connexion", tags=["aide"])
    async def show_connexion() -> forms.ConnexionView:
        """Lire ce que dit la page de connexion."""
        return forms.ConnexionView.model_validate(texts.connexion())

    @router.get("/regles", tags=["aide"])
    async def show_regles() -> forms.ReglesView:
        """Lire les règles d’usage en vigueur."""
        return forms.ReglesView(version=in_force(), texte=texts.regles(in_force()))

    @router.get("/aide/connexion", tags=["aide"])
    async def show_aide() -> forms.AideView:
        """Lire les questions de « Problème de connexion »."""
        return forms.AideView.model_validate(texts.aide())

    @router.post("/aide/connexion", tags=["aide"])
    async def answer_aide(form: forms.AideForm) -> forms.AideReponse:
        """Savoir que faire, et à qui s’adresser."""
        return forms.AideReponse(reponse=texts.reponse(form.role, form.probleme))
