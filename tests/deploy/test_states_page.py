"""The page of states draws every arrow of every table, and no other."""

import re

from deploy.docs.states_page import CYCLES, states_page

ARROW = re.compile(r"^  (\[\*\]|\w+) --> (\w+) : (\w+)$", re.MULTILINE)


def test_each_diagram_has_the_arrows_of_its_table() -> None:
    sections = dict(re.findall(r"## (.+?)\n\n```mermaid\n(.+?)```", states_page(), re.DOTALL))
    assert sections.keys() == CYCLES.keys()
    for title, cycle in CYCLES.items():
        drawn = ARROW.findall(sections[title])
        wanted = [(each.depuis or "[*]", each.vers, each.fait.__name__) for each in cycle.passages]
        assert drawn == wanted
        assert sections[title].startswith("stateDiagram-v2\n")
