from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.settings import versions_of


def test_versions_that_differ_are_all_told(sweep_folder):
    sweep = Sweep.open(sweep_folder)
    sweep.groups[1].about["libraries"]["torch"] = "9.9"
    assert versions_of(sweep)["torch"].endswith("; 9.9")
    assert versions_of(sweep)["time of sculpting"].endswith(" seconds")
