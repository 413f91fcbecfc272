"""The lists that screens offer: types of partners, profiles of CDAP, Caf."""

from services.habilitation.forms.lectures import View


class TypeOrganismeView(View):
    """Un type de partenaire [seed 004]."""

    code: str
    libelle: str


class ProfilCdapView(View):
    """Un profil de CDAP : pour qui, et sa condition s’il en a une."""

    code: str
    population: str
    condition: str | None


class CafView(View):
    """Une Caf ; `statut` dit si son code est sûr."""

    code: str
    departement: str
    nom: str
    statut: str


class Referentiel(View):
    """Les listes que proposent les écrans."""

    types_organisme: tuple[TypeOrganismeView, ...]
    profils: tuple[ProfilCdapView, ...]
    cafs: tuple[CafView, ...]
