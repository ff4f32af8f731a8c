"""What the tests of the report share: pictures and figures of a run, and a reader of the page."""

from __future__ import annotations

import html.parser

import numpy as np

from model.emotions import Emotion
from training.config import Config
from training.data.sample import Sample, Split, one_hot
from training.metrics import measure

HOSTILE = "\"'><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"


class Page(html.parser.HTMLParser):
    """What a page fetches, runs and says."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.attributes, self.styles, self.said = [], [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_data(self, data):
        (self.styles if self.tags and self.tags[-1] == "style" else self.said).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def values(self, *names):
        return [value for _, name, value in self.attributes if name in names]


def pictures(count, seed):
    rng = np.random.default_rng(seed)

    def made(place):
        emotion = Emotion(place % 8)
        pixels = rng.normal(20 + 28 * int(emotion), 10, (16, 16)).clip(0, 255).astype(np.uint8)
        return Sample(name=f"{place}{HOSTILE}", label=emotion, target=one_hot(emotion), read=lambda: pixels)

    return Split("made", [made(place) for place in range(count)])


def figures():
    rng = np.random.default_rng(1)
    true = np.arange(400) % 8
    scores = rng.dirichlet(np.ones(8), 400).astype(np.float32)
    scores[np.arange(400), true] += 0.5 * (true < 5)
    return measure(scores / scores.sum(axis=1, keepdims=True), true).to_dict()


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def without_data(name="bare"):
    config = Config(name=name)
    config.data.root = "no-such-folder"
    return config
