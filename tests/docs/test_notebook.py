"""The notebook has the code of its page, which is run as every page is, and the outputs that the page shows."""

import json
from pathlib import Path

from page_snippets import blocks_of
from test_snippets import check_printed

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "notebook.md"
NOTEBOOK = json.loads(PAGE.with_suffix(".ipynb").read_text(encoding="utf-8"))
CELLS = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_is_the_page() -> None:
    code = [block for block in blocks_of(PAGE) if block.language == "python"]
    assert ["".join(cell["source"]) for cell in CELLS] == [block.text.rstrip() for block in code]


def test_its_outputs_are_those_of_the_page() -> None:
    shown = [block.text for block in blocks_of(PAGE) if block.language == "text"]
    outputs = [output for cell in CELLS for output in cell["outputs"]]
    printed = ["".join(output["text"]) for output in outputs if output.get("name") == "stdout"]
    for text, output in zip(shown, printed, strict=True):
        check_printed(PAGE.name, text, output)
    [displayed] = [output["data"] for output in outputs if "data" in output]
    assert "<svg" in "".join(displayed["text/html"])
    assert {output["output_type"] for output in outputs} == {"stream", "execute_result"}
    assert [cell["execution_count"] for cell in CELLS] == list(range(1, len(CELLS) + 1))
