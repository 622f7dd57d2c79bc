"""Small real sweeps, as the pipeline leaves them."""

import json
import shutil
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from zlib import decompress

import pytest

from neural_sculpting.records.store import save_group


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.words, self.inside = [], [], []
        self.source = Path(path).read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style"} & {*self.inside}:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    @property
    def data(self):
        start = self.source.index('id="data">') + len('id="data">')
        return json.loads(decompress(b64decode(self.source[start : self.source.index("</script>", start)])))


@pytest.fixture(scope="session")
def page_of():
    return Page


@pytest.fixture(scope="session")
def groups(make_config):
    """Four trials that cannot succeed, as a hierarchy needs two hidden layers, and eight of which some do."""
    from neural_sculpting.pipeline import sculpt_group

    reused = {"task": {"name": "boolean_reused", "uses": 8}}
    shallow = sculpt_group(make_config(reused), [1, 2, 3, 4], jobs=[0, 1, 2, 3])
    separate = sculpt_group(make_config({"training.epochs": 7}), range(8), jobs=range(4, 12))
    return [shallow, separate]


@pytest.fixture(scope="session")
def saved_sweep(groups, tmp_path_factory):
    return saved(groups, tmp_path_factory.mktemp("saved") / "sweep")


@pytest.fixture
def sweep_folder(saved_sweep, tmp_path):
    """The folder of a sweep over two tasks; to copy it takes less than to write it."""
    return shutil.copytree(saved_sweep, tmp_path / "sweep", dirs_exist_ok=True)


@pytest.fixture
def renamed(groups):
    """The second group with another name of its task."""

    def rename(name):
        record = groups[1]
        task = record.config.task.model_copy(update={"name": name})
        frames = {rows: getattr(record, rows).assign(task=name) for rows in ("networks", "trials")}
        return replace(record, config=record.config.model_copy(update={"task": task}), **frames)

    return rename


@pytest.fixture(scope="session")
def save():
    return saved


def saved(records, folder):
    for record in records:
        save_group(record, folder)
    return folder
