"""« Mot de passe oublié » and its captcha: an image, or a question for whoever sees none."""

from fastapi import APIRouter, Request, Response

from services.identity import plancher
from services.identity.acces import Acces
from services.identity.captchas import Captchas
from services.identity.domain.captcha import CaptchaUnknown, Defi
from services.identity.drawing import draw_image
from services.identity.forms import sessions as forms
from services.identity.handlers.forgotten_password import ForgottenPassword
from services.identity.routes.sessions import ANYONE
from services.identity.source import Sources
from shared.http.door import KEYED
from shared.runtime import Runtime

UNSTORED = {"Cache-Control": "no-store"}
PNG = "image/png"


def add_oubli(
    router: APIRouter, runtime: Runtime, acces: Acces, captchas: Captchas, sources: Sources
) -> None:
    """Add the routes of the forgotten password."""

    async def asked_by(captcha_id: str) -> Defi:
        defi = await captchas.look(captcha_id, runtime.clock.now())
        if defi is None:
            raise CaptchaUnknown
        return defi

    @router.post("/captchas", status_code=201, tags=["mot de passe oublié"])
    async def give_captcha(
        request: Request, response: Response, form: forms.CaptchaForm
    ) -> forms.CaptchaGiven:
        """Demander une image, ou la remplacer par une autre ; cent par heure et par adresse."""
        now, source = runtime.clock.now(), sources.of(request)
        given = await captchas.give(source, now, instead_of=form.precedent)
        response.headers.update(UNSTORED)
        return forms.CaptchaGiven(
            captcha_id=given.id,
            image=f"/captchas/{given.id}/image",
            texte=f"/captchas/{given.id}/texte",
            expires_at=given.expires_at,
        )

    @router.get(
        "/captchas/{captcha_id}/image",
        tags=["mot de passe oublié"],
        response_class=Response,
        responses={200: {"content": {PNG: {}}, "description": "L’image à recopier"}},
    )
    async def show_image(captcha_id: forms.CaptchaId) -> Response:
        """Voir l’image ; majuscules et minuscules comptent."""
        png = await draw_image((await asked_by(captcha_id)).texte)
        return Response(png, media_type=PNG, headers=UNSTORED)

    @router.get("/captchas/{captcha_id}/texte", tags=["mot de passe oublié"])
    async def show_text(captcha_id: forms.CaptchaId, response: Response) -> forms.CaptchaText:
        """Lire la question qui remplace l’image ; on y répond en lettres ou en chiffres."""
        response.headers.update(UNSTORED)
        return forms.CaptchaText(question=(await asked_by(captcha_id)).question)

    @router.post(
        "/password/forgotten", status_code=202, tags=["mot de passe oublié"], openapi_extra=KEYED
    )
    async def forgotten_password(request: Request, form: forms.ForgottenForm) -> Response:
        """Recevoir un mot de passe provisoire par mail, si l’adresse est celle d’un compte."""
        asked = ForgottenPassword(form.mail, form.captcha_id, form.reponse)
        came = plancher.came()
        await runtime.http_door.ask(request, acces.forgotten_password, asked, ANYONE)
        await plancher.hold_back(came)
        return Response(status_code=202)
