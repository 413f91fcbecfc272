"""One's own account: seen, changed, its rules accepted, an incident reported."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.identity.acces import Acces
from services.identity.domain.mot_de_passe import PasswordWrong
from services.identity.domain.regles import to_accept
from services.identity.forms import moi as forms
from services.identity.handlers.accept_regles import AcceptRegles
from services.identity.handlers.change_mail import ChangeMail
from services.identity.handlers.change_telephone import ChangeTelephone
from services.identity.handlers.checking import REFUSED
from services.identity.handlers.report_incident import ReportIncident
from services.identity.sessions import Actor, Sessions
from services.identity.source import Sources
from shared.calendrier import day_of
from shared.http.door import KEYED
from shared.ids import draw_id
from shared.runtime import Runtime


def add_moi(
    router: APIRouter, runtime: Runtime, acces: Acces, sessions: Sessions, sources: Sources
) -> None:
    """Add the routes of one's own account."""
    door = runtime.http_door
    someone = Annotated[Actor, Depends(sessions.full)]

    @router.get("/me", tags=["mon compte"])
    async def show_me(actor: someone) -> forms.Me:
        """Voir son compte."""
        compte, convention = actor.compte, actor.convention
        shown = compte.model_dump(exclude={"id", "caf", "etat"})
        return forms.Me(
            **shown,
            user_id=compte.id,
            organisme=None if convention is None else convention.organisme,
            caf=compte.caf if convention is None else convention.caf,
            etat=compte.etat_at(day_of(runtime.clock.now())),
            regles_acceptees=compte.regles,
            regles_a_accepter=to_accept(compte.regles),
        )

    @router.put("/me/mail", status_code=204, tags=["mon compte"], openapi_extra=KEYED)
    async def change_mail(request: Request, form: forms.MailForm, actor: someone) -> Response:
        """Changer son adresse mail ; l’ancienne est prévenue."""
        form.check_confirmed()
        password = form.mot_de_passe.get_secret_value()
        asked = ChangeMail(actor.presence, sources.of(request), form.mail, password)
        outcome = await door.ask(request, acces.change_mail, asked, actor.principal)
        if REFUSED in outcome.result:
            raise PasswordWrong
        return Response(status_code=204)

    @router.put("/me/telephone", status_code=204, tags=["mon compte"], openapi_extra=KEYED)
    async def change_telephone(
        request: Request, form: forms.TelephoneForm, actor: someone
    ) -> Response:
        """Changer son numéro de téléphone, ou n’en plus avoir."""
        form.check_confirmed()
        asked = ChangeTelephone(actor.presence, form.telephone)
        await door.ask(request, acces.change_telephone, asked, actor.principal)
        return Response(status_code=204)

    @router.post("/me/regles", status_code=204, tags=["mon compte"], openapi_extra=KEYED)
    async def accept_regles(request: Request, form: forms.ReglesForm, actor: someone) -> Response:
        """Accepter les règles d’usage en vigueur."""
        asked = AcceptRegles(actor.presence, form.version)
        await door.ask(request, acces.accept_regles, asked, actor.principal)
        return Response(status_code=204)

    @router.post("/me/incidents", status_code=201, tags=["mon compte"], openapi_extra=KEYED)
    async def report_incident(
        request: Request, form: forms.IncidentForm, actor: someone
    ) -> forms.IncidentRef:
        """Signaler un incident de sécurité à la Caf."""
        asked = ReportIncident(actor.presence, draw_id(), form.nature, form.description)
        outcome = await door.ask(request, acces.report_incident, asked, actor.principal)
        return forms.IncidentRef(incident_id=outcome.result["incident_id"])
