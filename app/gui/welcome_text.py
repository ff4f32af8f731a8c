"""What the first page says; each sentence also stands in docs/responsible-use.md, and a test compares them."""

from __future__ import annotations

TITLE = "Before you start"
INTRODUCTION = "affectcam names the expression that a face shows. That is less than it seems."
#: Headings with what stands below them.
PARAGRAPHS = (
    (
        "It reads expressions, not feelings",
        "People smile out of politeness and scowl out of concentration. The labels err, and more for some people "
        "than for others.",
    ),
    (
        "Everything stays on this machine",
        "No account, no upload, no telemetry. Nothing is stored unless you ask for a file.",
    ),
    (
        "Your own face",
        "Use it on yourself, or on people who know it, agree, and can say no without a cost. "
        "It is not for decisions about people, and at work and in class the law of the European Union bans it.",
    ),
    (
        "Tell the others",
        "Say in the call that expressions are read. A badge in the picture says so as well, unless you switch it off.",
    ),
)
