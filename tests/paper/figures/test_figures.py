import re
import struct
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from trial_examples import trials
from user_errors import message_of

from neural_sculpting.paper.figures import figures
from neural_sculpting.paper.figures.figures import draw_figure, figure_of, write_figure
from neural_sculpting.paper.figures.measures import measures_table
from neural_sculpting.paper.figures.style import BELOW, SETTINGS, percent
from neural_sculpting.paper.figures.tables import MEASURES, PLANS, figure_table

pytestmark = pytest.mark.slow


MADE_UP = {
    "input_agreement": [1.0, 0.92, -0.12, 1.0],
    "test_example_accuracy": [0.71, 0.72, 0.7, 0.75],
    "dense_test_example_accuracy": [0.91, 0.93, 0.92, 0.92],
}
MADE_UP |= {name: [0.5] * 4 for name in MEASURES if name not in MADE_UP}


def made_up(figure: str, wanted: int = 3) -> pd.DataFrame:
    """Trials for most cells of a figure: of four seeds so many succeed; every seventh cell has no trial."""
    frames = []
    for number, (task, criterion, depth, overlap, uses) in enumerate(PLANS[figure].cells()):
        if number % 7 != 6 and criterion == PLANS[figure].criteria[0]:
            cell = {"task": task, "hidden_layers": int(depth[0]), "overlap": overlap, "uses": uses}
            found = [seed < wanted for seed in range(4)]
            frames.append(trials(cell, found, consensus=[True] * 4, criterion=criterion, measures=MADE_UP))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {figure: figure_table(made_up(figure), figure) for figure in PLANS}


@pytest.fixture(scope="module")
def folder(tables, tmp_path_factory) -> Path:
    """All figures."""
    folder = tmp_path_factory.mktemp("figures")
    for figure, table in tables.items():
        assert draw_figure(table, figure, folder, made_up(figure)) == [
            folder / f"{figure}.png",
            folder / f"{figure}.svg",
        ]
    return folder


def numbers_in(svg: Path) -> Counter:
    """Every number, or dash, in the texts of a picture."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text(encoding="utf-8"))
    return Counter(text for text in texts if re.fullmatch(r"\d+|–", text))


@pytest.mark.parametrize("figure", PLANS)
def test_pictures_of_nine_inches_and_200_dots_each(figure, folder):
    data = (folder / f"{figure}.png").read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert width == 1800
    assert 700 < height < 1850
    assert len(data) > 20_000


@pytest.mark.parametrize("figure", ["exemplar", "reuse", "hierarchy"])
def test_every_number_is_under_its_bars(figure, folder, tables):
    table = tables[figure]
    rows_of_panels = 2 if figure == "hierarchy" else 1
    wanted = Counter({"0": rows_of_panels, "50": rows_of_panels})  # beside the axes
    wanted += Counter(map(str, table["sparsest_trials"]))
    wanted += Counter(map(str, table["hidden_layers" if figure == "exemplar" else "uses"]))
    for name in ("sparsest", "consensus", "simplest", "paper"):
        wanted += Counter(map(percent, table[f"{name}_rate"]))
    assert wanted["75"] > 8
    assert wanted["–"] > 1
    assert numbers_in(folder / f"{figure}.svg") == wanted


def test_every_number_is_in_its_cell(folder, tables):
    wanted = Counter([*"01234", *"12468"] * 3) + Counter("12468")  # beside the axes
    shown = tables["overlap"][tables["overlap"]["criterion"] != "exact"]
    for name in ("sparsest", "consensus", "simplest", "paper"):
        wanted += Counter(map(percent, shown[f"{name}_rate"].dropna()))
    assert wanted["75"] > 8
    assert numbers_in(folder / "overlap.svg") == wanted


def test_a_heat_map_has_the_number_of_trials_where_the_paper_has_more(folder, tables):
    svg = (folder / "overlap.svg").read_text(encoding="utf-8")
    shown = tables["overlap"][tables["overlap"]["criterion"] != "exact"]
    assert svg.count(">of 4<") == 3 * (shown["sparsest_trials"] == 4).sum() > 0
    assert ">Trials in percent, 36 in each cell where no other number is written.<" in svg


@pytest.mark.parametrize("figure", PLANS)
def test_words_and_numbers_do_not_overlap(figure, tables):
    drawn = in_style(tables[figure], figure)
    renderer = FigureCanvasAgg(drawn).get_renderer()
    boxes = {
        text: text.get_window_extent(renderer).shrunk(0.98, 0.9)
        for text in drawn.findobj(Text)
        if text.get_visible() and text.get_text()
    }
    assert len(boxes) > 45
    for (one, box), (other, another) in combinations(boxes.items(), 2):
        assert not box.overlaps(another), (one.get_text(), other.get_text())
    for text, box in boxes.items():
        assert 0 <= box.x0 < box.x1 <= drawn.bbox.x1, text.get_text()
        assert 0 <= box.y0 < box.y1 <= drawn.bbox.y1, text.get_text()


def in_style(table: pd.DataFrame, figure: str, rows: pd.DataFrame | None = None) -> Figure:
    with style.context(["default", SETTINGS]):
        drawn = figure_of(table, figure, made_up(figure) if rows is None else rows)
        FigureCanvasAgg(drawn).draw()
    return drawn


@pytest.mark.parametrize(("wanted", "marked"), [(1, 16), (4, 0)])
def test_numbers_below_the_papers_interval_are_orange(wanted, marked):
    """0.25, by two selections, is below all ten intervals at two and three layers; two of the cells have no trial."""
    drawn = in_style(figure_table(made_up("reuse", wanted), "reuse"), "reuse")
    colors = Counter((text.get_text(), text.get_color()) for text in drawn.findobj(Text))
    assert colors["25", BELOW] == marked
    assert sum(count for (_, color), count in colors.items() if color == BELOW) == marked


def test_cells_below_the_papers_interval_are_framed():
    """In the one cell that has trials the paper found 1.00 for all three criteria.

    Inputs: 0.75 for the sparsest, 1 for the other two selections. The other two criteria: 0 for all three.
    """
    cell = {"task": "boolean_overlap", "hidden_layers": 1, "overlap": 0, "uses": 1}
    one = trials(
        cell, [True, True, True, False], consensus=[True] * 4, simplest=[True] * 4, criterion="input_separability"
    )
    drawn = in_style(figure_table(one, "overlap"), "overlap")
    frames = [each for each in drawn.findobj(Rectangle) if each.get_edgecolor() == to_rgba(BELOW)]
    assert len(frames) == 1 + 2 * 3


def test_measures_are_written_and_drawn_beside_the_rates(tables, tmp_path):
    paths = write_figure(tables["mnist_pair"], "mnist_pair", tmp_path, made_up("mnist_pair"))
    assert [path.name for path in paths[2:]] == ["mnist_pair.csv", "mnist_pair_measures.csv"]
    measures = pd.read_csv(paths[3]).set_index(["measure", "hidden_layers", "selection"])["mean"]
    assert measures["test_example_accuracy", 2, "sparsest"] == 0.72
    numbers = numbers_in(paths[1])
    # Three depths and selections: of the two measures, and of a rate of 3 in 4 nearly as expected.
    assert (numbers["72"], numbers["92"], numbers["75"]) == (3 * 3, 3, 3 * 3 + 3 * 2)


def strips(drawn: Figure) -> list[np.ndarray]:
    """The dots of each strip, (dots, 2), in the order in which they were drawn."""
    return [
        np.asarray(each.get_offsets())
        for axes in drawn.axes
        for each in axes.collections
        if isinstance(each, PathCollection)
    ]


def test_every_trial_is_a_dot(tables):
    found = strips(in_style(tables["digits_xor"], "digits_xor"))
    depths, selections = 4, 3
    measures = ["input_agreement"] * depths * selections
    measures += ["dense_test_example_accuracy", *["test_example_accuracy"] * selections] * depths
    for measure, strip in zip(measures, found, strict=True):
        assert strip[:, 1].tolist() == sorted(MADE_UP[measure])
        assert (np.diff(strip[:, 0]) > 0).all()


def test_depths_without_a_trial_are_hatched_and_selections_without_one_left_out(tables):
    rows = made_up("digits_pair")
    few = rows[(rows["hidden_layers"] == 2) & (rows["selection"] == "sparsest")]
    drawn = in_style(figure_table(few, "digits_pair"), "digits_pair", few)
    assert len(strips(drawn)) == 1 + 2
    assert "consensus" not in {text.get_text() for text in drawn.findobj(Text)}
    hatched = [each for each in drawn.findobj(Rectangle) if each.get_hatch()]
    assert len(hatched) == 2 * (4 + 1 + 2)  # two depths: four panels of bars, one strip, two with the dense networks


def test_a_figure_is_written_with_its_table(folder, tables, tmp_path):
    table = tables["reuse"]
    paths = write_figure(table, "reuse", tmp_path, made_up("reuse"))
    assert paths == [tmp_path / f"reuse.{ending}" for ending in ("png", "svg", "csv")]
    for path in paths[:2]:  # the same table gives the same files
        assert path.read_bytes() == (folder / path.name).read_bytes()
    written = pd.read_csv(paths[2], dtype={"hidden_layers": "str"})
    assert written["sparsest_rate"].tolist() == pytest.approx(table["sparsest_rate"].tolist(), nan_ok=True)
    assert written["hidden_layers"].tolist() == table["hidden_layers"].tolist()
    assert len(written) == 15


def test_settings_of_the_user_change_nothing(folder, tables, tmp_path):
    with style.context({"font.size": 30, "svg.fonttype": "path", "savefig.dpi": 50, "savefig.bbox": "tight"}):
        [_, svg] = draw_figure(tables["reuse"], "reuse", tmp_path, made_up("reuse"))
    assert svg.read_bytes() == (folder / "reuse.svg").read_bytes()


def test_an_unknown_figure(tables, tmp_path):
    for make in (
        lambda: draw_figure(tables["reuse"], "mnist", tmp_path, made_up("reuse")),
        lambda: figure_table(made_up("reuse"), "mnist"),
        lambda: measures_table(made_up("reuse"), "mnist"),
    ):
        assert message_of(make) == f"figure=mnist: must be {', '.join(PLANS)}"


def test_only_drawing_knows_matplotlib():
    """Lightning's metrics load it as well where it is installed, so that sys.modules is no evidence."""
    folder = Path(figures.__file__).parent
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.parent.rglob("*.py")}
    users = {name for name, text in texts.items() if re.search(r"^(from|import) matplotlib", text, re.MULTILINE)}
    assert users == {"bars_and_dots", "heat_maps", "panels", "style"}
    loaded_first = rf"^(from|import) .*\b({'|'.join(users)})\b"
    assert {name for name, text in texts.items() if re.search(loaded_first, text, re.MULTILINE)} <= users
