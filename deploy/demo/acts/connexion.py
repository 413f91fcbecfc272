"""Coming in: too many wrong passwords, a forgotten one, an address that changes."""

from datetime import datetime, timedelta

from deploy.demo.captcha import answer_to
from deploy.demo.gestures import come_in, come_in_first
from deploy.demo.people import AMINA, INES
from deploy.demo.stage import WAIT_S, Stage
from shared.calendrier import PARIS
from shared.contracts import identity as contracts
from tests.harness.polling import eventually

WRONG = 5
FORGOTTEN = "Lanterne&93-Brume"
NEW_MAIL = "a.durand@valfleury.exemple.fr"
CAF_MAIL = "assistance@caf931.example"
"""Of the Caf 931 in the data of notifications, where all contacts are invented."""


async def guess_too_often(stage: Stage, identifiant: str) -> None:
    """Five wrong passwords: even the right one waits a minute, and nothing says so to a thief."""
    stage.screen.title("Trop d’essais")
    stage.screen.step(f"Quelqu’un essaie {WRONG} mots de passe sur le compte d’{INES}")
    for number in range(WRONG):
        wrong = {"identifiant": identifiant, "mot_de_passe": f"Au-Hasard-{number}"}
        await stage.refused("POST", "/sessions", wrong, shown=number == 0)
    locked = await stage.fact(contracts.UserLocked.TYPE)
    until = datetime.fromisoformat(locked["until"]).astimezone(PARIS)
    stage.screen.saw("attente", f"jusqu’à {until:%H h %M min %S s}")
    await stage.mail(INES.mail, "connexions")
    stage.screen.step("Le bon mot de passe est refusé aussi, par la même phrase")
    right = {"identifiant": identifiant, "mot_de_passe": INES.chosen}
    await stage.refused("POST", "/sessions", right)
    stage.screen.step("Une minute passe : il est accepté")
    stage.pass_time(timedelta(minutes=1))

    async def accepted() -> bool:
        return (await stage.ask("POST", "/sessions", right)).is_success

    await stage.screen.waiting("j’essaie", eventually(accepted, WAIT_S, "the delay is over"))
    await stage.fact(contracts.SignedIn.TYPE, must_change_password=False)


async def forget_password(stage: Stage, user_id: str, identifiant: str) -> None:
    """« Mot de passe oublié »: mail and captcha, a new temporary password by mail."""
    stage.screen.title("Mot de passe oublié")
    stage.screen.step(f"{INES} demande un captcha et se trompe en le lisant")
    captcha = await stage.done("POST", "/captchas", {})
    wrong = {"mail": INES.mail, "captcha_id": captcha["captcha_id"], "reponse": "rien"}
    await stage.refused("POST", "/password/forgotten", wrong)
    stage.screen.step("Elle en prend un autre et écoute sa question, l’alternative accessible")
    captcha = await stage.done("POST", "/captchas", {})
    read = await stage.done("GET", f"/captchas/{captcha['captcha_id']}/texte")
    answer = answer_to(read["question"])
    stage.screen.saw("captcha", f"{read['question']} — {answer}")
    right = {"mail": INES.mail, "captcha_id": captcha["captcha_id"], "reponse": answer}
    await stage.done("POST", "/password/forgotten", right)
    await stage.fact(contracts.PasswordReset.TYPE, user_id=user_id)
    provisoire = await stage.temporary_password_of(INES.mail)
    stage.screen.step("Son ancien mot de passe sert encore, tant que le provisoire n’a pas servi")
    await come_in(stage, identifiant, INES.chosen)
    stage.screen.step("Elle entre par le provisoire et en choisit un autre")
    await come_in_first(stage, identifiant, provisoire, FORGOTTEN)


async def change_mail(stage: Stage, user_id: str, session: str) -> None:
    """An administrateur changes her address: the old one is told, and the Caf."""
    stage.screen.title("Une adresse change")
    stage.screen.step(f"{AMINA} change son adresse, son mot de passe redonné")
    body = {"mail": NEW_MAIL, "mail_confirmation": NEW_MAIL, "mot_de_passe": AMINA.chosen}
    await stage.done("PUT", "/me/mail", body, session)
    await stage.fact(contracts.UserMailChanged.TYPE, user_id=user_id)
    stage.screen.step("L’ancienne adresse en est avertie, et la nouvelle")
    await stage.mail(AMINA.mail, "L’adresse mail")
    await stage.mail(NEW_MAIL, "nouvelle adresse")
    stage.screen.step("La Caf aussi, qui tient la convention : elle est administratrice")
    await stage.mail(CAF_MAIL, "administrateur")
