"""The Caf as data: all of them, made-up contacts told apart and never used in production."""

import json
from pathlib import Path

import pytest

from services.notifications.caisses import DATA, Caisses

DATA_FILE = json.loads(DATA.read_text(encoding="utf-8"))
CAF = DATA_FILE["caf"]


def test_the_list_is_that_of_the_network() -> None:
    assert len(CAF) == 101  # [U66]
    codes = [each["code"] for each in CAF]
    assert codes == sorted(set(codes))
    assert {"831", "931", "641", "642", "201", "202", "974"} <= set(codes)
    assert {each["statut"] for each in CAF} == {"assumed"}


def test_contacts_are_made_up_and_say_so() -> None:
    for each in CAF:
        contact = each["contact"]
        assert contact["statut"] == "demonstration"
        assert contact["technique"].endswith(f"@caf{each['code']}.example")
        assert contact["telephone"].startswith("01 99 00 ")  # for fiction (Arcep)


def test_demonstration_contacts_are_left_out_in_production() -> None:
    shown, hidden = (Caisses.load(None, with_demonstration=each) for each in (True, False))
    assert len(shown) == len(hidden) == 101
    caf, bare = shown.get("931"), hidden.get("931")
    assert caf is not None
    assert bare is not None
    assert caf.contact is not None
    assert bare.contact is None
    assert bare.nom == "Caf de la Seine-Saint-Denis"


def own(tmp_path: Path, **more: object) -> Path:
    caf = {"code": "931", "nom": "Caf de la Seine-Saint-Denis", "statut": "verifie"}
    file = tmp_path / "caf.json"
    file.write_text(json.dumps({"source": "la Caf", "caf": [caf | more]}))
    return file


def test_operator_gives_his_own_contacts_and_sender(tmp_path: Path) -> None:
    contact = {"statut": "verifie", "technique": "aide@caf931.fr"}
    sender = {"adresse": "ne-pas-repondre@caf931.fr", "nom": "Caf 93"}
    file = own(tmp_path, contact=contact, expediteur=sender)
    caf = Caisses.load(file, with_demonstration=False).get("931")
    assert caf is not None
    assert caf.contact is not None
    assert caf.expediteur is not None
    assert (caf.contact.technique, caf.expediteur.nom) == ("aide@caf931.fr", "Caf 93")


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact": {"statut": "verifie", "technique": "aide@caf931.fr, b@c.fr"}},
        {"contact": {"statut": "verifie", "technique": "aide@caf931.fr", "fax": "1"}},
        {"code": "93"},
        {"nom": "Caf\nde la Seine-Saint-Denis"},
        {"expediteur": {"adresse": "a@caf931.fr", "nom": "Caf 93\r\nBcc: b@c.fr"}},
        {"expediteur": {"adresse": "a@caf931.fr", "nom": "Caf\u2028 93"}},
        {"contact": {"statut": "verifie", "technique": "a@caf931.fr", "jours": "lundi\x00"}},
    ],
)
def test_file_of_another_form_stops_the_start(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"caf\.json"):
        Caisses.load(own(tmp_path, **wrong), with_demonstration=True)


def test_unknown_caf_is_none() -> None:
    caisses = Caisses.load(None, with_demonstration=True)
    assert caisses.get(None) is None
    assert caisses.get("999") is None
