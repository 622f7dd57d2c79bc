"""Make a notebook of a tutorial and run it: ``python docs/make_notebook.py``, which needs nbclient and ipykernel."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PAGE = Path(__file__).resolve().parent / "tutorials" / "notebook.md"
PICTURE = PAGE.parents[1] / "images" / "notebook.svg"
BLOCK = re.compile(r"^```(python|text)\n(.*?)\n```\n", re.DOTALL | re.MULTILINE)
NOT_IN_NOTEBOOK = re.compile(r"^(!\[.*\]\(.*\)|.*notebook\.ipynb.*|<!--.*-->)$", re.MULTILINE)
"""Pictures, which cells show, the link to the notebook, and comments."""


def main() -> None:
    """Write the notebook, with its outputs, beside the page, and the picture that it shows."""
    cells = []
    words, *blocks = BLOCK.split(PAGE.read_text(encoding="utf-8"))
    for language, code, after in zip(["", *blocks[::3]], ["", *blocks[1::3]], [words, *blocks[2::3]], strict=True):
        if language == "python":
            cells.append(new_code_cell(code))
        if text := NOT_IN_NOTEBOOK.sub("", after).strip():
            cells.append(new_markdown_cell(text))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # not at random: only what changes is a difference
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    with TemporaryDirectory() as folder:
        NotebookClient(notebook, record_timing=False, resources={"metadata": {"path": folder}}).execute()
    nbformat.write(notebook, PAGE.with_suffix(".ipynb"))
    [shown] = [output.data for cell in cells for output in cell.get("outputs", ()) if "data" in output]
    PICTURE.write_text(shown["image/svg+xml"], encoding="utf-8")


if __name__ == "__main__":
    main()
