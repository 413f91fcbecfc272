"""The story: who comes in which order, from the first agent to a day too late."""

from deploy.demo.acts.comptes import close_and_reopen, deferred_mail, delegate, personalise
from deploy.demo.acts.connexion import change_mail, forget_password, guess_too_often
from deploy.demo.acts.kafka import (
    come_a_day_late,
    open_account,
    park_bad_record,
    refuse_second_account,
)
from deploy.demo.gestures import command_token, first_agent, open_convention
from deploy.demo.stage import Stage


async def play(stage: Stage) -> None:
    """Play it all; raises as soon as the platform does not do what the story says."""
    agent = await first_agent(stage)
    await open_convention(stage)
    token = await command_token(stage, agent)
    amina, identifiant, provisoire = await open_account(stage, token)
    await refuse_second_account(stage, token)
    await park_bad_record(stage, token)
    session = await personalise(stage, identifiant, provisoire)
    await delegate(stage, amina, session)
    ines, hers = await deferred_mail(stage, session)
    await close_and_reopen(stage, ines, hers, session)
    await guess_too_often(stage, hers)
    await forget_password(stage, ines, hers)
    await change_mail(stage, amina, session)
    await come_a_day_late(stage, await command_token(stage, agent))
