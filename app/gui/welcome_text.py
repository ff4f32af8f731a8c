"""What the first page says; each sentence also stands in docs/responsible-use.md, and a test compares them."""

from __future__ import annotations

TITLE = "Before you start"
INTRODUCTION = "affectcam names the expression that a face shows. That is less than it seems."
#: Headings with what stands below them.
PARAGRAPHS = (
    (
        "An expression is not a feeling",
        "People smile out of politeness and scowl out of concentration. "
        "It errs, and not evenly: expect worse in bad light, from the side, behind a mask, and for faces that the "
        "training pictures lack.",
    ),
    (
        "Nothing leaves the machine",
        "No account, no upload, no telemetry. Nothing is stored unless you ask for a file, and no face is recognised.",
    ),
    (
        "Your own face, or with consent",
        "Use it on yourself, or on people who know it, agree, and can say no without a cost. "
        "Someone else's call, lecture or street is not yours to read.",
    ),
    (
        "Not at work, in class, or for decisions about people",
        "The European Union's AI Act bans systems that infer emotions of people at the workplace and in education, "
        "but for medical and safety reasons.",
    ),
    (
        "Say that it is on",
        "A badge in the picture tells those whom you call, unless you switch it off. "
        "A labelled picture also shows labels for whoever else walks through it.",
    ),
)
