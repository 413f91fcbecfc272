"""A campaign of the bench asks what SendCampaign takes, of everybody once."""

from bench.accounts import draw_users
from bench.rows.campaign import records
from services.notifications.content import check_valeurs
from services.notifications.domain.modele import Modele
from shared.contracts.notifications import COMMANDS, MOST_USERS, SendCampaign


def test_a_long_campaign_is_several_commands_about_one_campaign() -> None:
    users = draw_users(2 * MOST_USERS + 1)
    sent = list(records(COMMANDS, users, "token"))
    asked = [SendCampaign.model_validate_json(each.value or b"") for each in sent]
    assert [len(each.user_ids) for each in asked] == [MOST_USERS, MOST_USERS, 1]
    assert [id for each in asked for id in each.user_ids] == users
    assert {each.key for each in sent} == {asked[0].campagne_id.encode()}
    assert len({dict(each.headers)["ce_id"] for each in sent}) == len(sent)
    check_valeurs(Modele(asked[0].modele), asked[0].valeurs)
