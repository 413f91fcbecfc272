"""Accounts asked for on Kafka: opened, refused, unreadable, and a day too late."""

from datetime import timedelta

from deploy.demo.people import AMINA, CONVENTION, KARIM, LOUIS, Person
from deploy.demo.stage import DemoFailed, Stage
from shared.contracts import identity as contracts
from shared.contracts import identity_commands as commands
from shared.contracts.comptes import Poste
from shared.contracts.notifications import MailDeferred, MailExpired, MailSent
from shared.ids import draw_id


def create(person: Person, user_id: str) -> commands.CreateUser:
    """What is asked to open an account."""
    return commands.CreateUser(
        user_id=user_id,
        convention_id=CONVENTION,
        nom=person.nom,
        prenom=person.prenom,
        mail=person.mail,
        poste=Poste.ITINERANT,
    )


async def open_account(stage: Stage, token: str) -> None:
    """A command on the topic opens an account; two separate mails follow, each with a secret."""
    stage.screen.title("Un compte est ouvert par une commande sur Kafka")
    stage.screen.step(f"CreateUser sur {commands.COMMANDS} : {KARIM}, convention {CONVENTION}")
    user_id = draw_id()
    await stage.command(create(KARIM, user_id), token)
    await stage.fact(contracts.UserCreated.TYPE, user_id=user_id)
    await stage.fact(contracts.IdentifiantIssued.TYPE, user_id=user_id)
    await stage.fact(contracts.TemporaryPasswordIssued.TYPE, user_id=user_id)
    stage.screen.step(f"notifications écrit à {KARIM}, en deux mails")
    await stage.credentials_of(KARIM.mail)
    for _ in range(2):
        await stage.fact(MailSent.TYPE, user_id=user_id)


async def refuse_second_account(stage: Stage, token: str) -> None:
    """A refusal is a result: told on its topic, in French, with a stable code."""
    stage.screen.title("Une commande refusée")
    stage.screen.step("CreateUser encore, avec l’adresse mail d’une autre")
    again = create(Person("Amina", "Durant", AMINA.mail.upper()), draw_id())
    id = await stage.command(again, token)
    refused = await stage.fact(contracts.CommandRefused.TYPE, command_id=id)
    stage.screen.saw("refus", f"{refused['message']} ({refused['code']})")


async def park_bad_record(stage: Stage, token: str) -> None:
    """A record that breaks the contract is kept, whole, with its reason; the others go on."""
    stage.screen.title("Un enregistrement illisible")
    stage.screen.step("Un JSON coupé arrive sur le topic des commandes")
    id = draw_id()
    headers = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": commands.CreateUser.TYPE,
        "ce_source": "/demo",
        "authorization": f"Bearer {token}",
    }
    await stage.record(commands.COMMANDS, "cassé", headers, b'{"user_id": "u-1", "nom": ')
    found = await stage.screen.waiting(
        "j’attends le rebut",
        stage.follower.wait_for(
            lambda record: (
                record.topic.endswith("identity.dead-letters") and record.header("ce_id") == id
            ),
            15,
            "dead letter",
        ),
    )
    stage.screen.saw("rebut", f"raison {found.header('dl_reason')}, jeton retiré")
    listed = await stage.platform.run_command("identity", "dead-letters", "list")
    if listed.exit_code or id not in listed.stdout:
        raise DemoFailed(listed.stdout + listed.stderr)
    for line in listed.stdout.strip().splitlines():
        stage.screen.saw("liste", line.rstrip())


async def come_a_day_late(stage: Stage, token: str) -> None:
    """Twenty-four hours pass: the temporary password expires, its late mail is not sent."""
    stage.screen.title("Vingt-quatre heures passent")
    stage.screen.step(f"CreateUser : {LOUIS} ; le serveur de mail diffère tout (451)")
    stage.platform.sink.behave("451", recipient=LOUIS.mail)
    user_id = draw_id()
    await stage.command(create(LOUIS, user_id), token)
    await stage.fact(contracts.UserCreated.TYPE, user_id=user_id)
    for _ in range(2):
        await stage.fact(MailDeferred.TYPE, user_id=user_id)
    stage.screen.step("L’horloge de la plateforme avance de 24 heures et une minute")
    stage.pass_time(timedelta(hours=24, minutes=1))
    await stage.fact(contracts.TemporaryPasswordExpired.TYPE, user_id=user_id)
    await stage.fact(MailExpired.TYPE, user_id=user_id)
    if stage.unread(LOUIS.mail, "mot de passe provisoire"):
        raise DemoFailed("un secret périmé a été envoyé")
    stage.screen.saw("mail", f"aucun mot de passe à {LOUIS.mail} : rien n’est envoyé trop tard")
    stage.platform.sink.behave_well()
