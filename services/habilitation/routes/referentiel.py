"""The lists of the trade that screens offer to choose from."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.habilitation.domain import referentiel
from services.habilitation.forms import referentiel as forms
from shared.http.access import Access
from shared.security.principal import Principal


def add_referentiel(router: APIRouter, access: Access) -> None:
    """Add the route that shows them."""

    @router.get("/referentiel", tags=["conventions"])
    async def show_referentiel(
        _: Annotated[Principal, Depends(access.principal)],
    ) -> forms.Referentiel:
        """Voir les types de partenaires, les profils de CDAP, les Caf."""
        return forms.Referentiel(
            types_organisme=tuple(
                forms.TypeOrganismeView.model_validate(each)
                for each in referentiel.types_organisme().values()
            ),
            profils=tuple(
                forms.ProfilCdapView.model_validate(each) for each in referentiel.profils().values()
            ),
            cafs=tuple(forms.CafView.model_validate(each) for each in referentiel.cafs()),
        )
