"""What others publish, to be set beside ours: accuracies in percent, as their authors give them.

"said" marks a figure that was read in a secondary place and not checked in the paper itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A published model."""

    name: str
    source: str
    affectnet_8: str = ""
    affectnet_7: str = ""
    rafdb: str = ""
    ferplus: str = ""
    cost: str = ""


FIELD = (
    FieldRow(
        name="VGG13",
        source="Barsoum et al., Training deep networks for FER with crowd-sourced label distribution, ICMI 2016",
        ferplus="84.99 (said)",
        cost="8.8 M parameters",
    ),
    FieldRow(
        name="EfficientFace",
        source="Zhao, Liu, Zhou, Robust lightweight FER network with label distribution training, AAAI 2021",
        affectnet_8="59.89",
        affectnet_7="63.70",
        rafdb="88.36",
        cost="1.3 M, 154 M multiply-adds",
    ),
    FieldRow(
        name="VTFF",
        source="Ma, Sun, Li, FER with visual transformers and attentional selective fusion, 2021",
        ferplus="88.81 (said)",
    ),
    FieldRow(
        name="HSEmotion, EfficientNet-B2",
        source="Savchenko et al., Classifying emotions and engagement in online learning, IEEE TAC 2022",
        affectnet_8="63.1",
        affectnet_7="66.5",
        cost="30 MB",
    ),
    FieldRow(
        name="HSEmotion, EfficientNet-B0",
        source="the same",
        affectnet_8="61.9",
        affectnet_7="64.9",
        cost="16 MB",
    ),
    FieldRow(name="HSEmotion, MobileNet", source="the same", affectnet_7="64.7", cost="14 MB"),
    FieldRow(
        name="POSTER++ (V2)",
        source="Mao et al., POSTER V2: a simpler and stronger FER network, 2023",
        affectnet_8="63.77",
        affectnet_7="67.49",
        rafdb="92.21",
        cost="43.7 M, 8.4 G multiply-adds",
    ),
    FieldRow(
        name="DDAMFN++",
        source="Zhang et al., A dual-direction attention mixed feature network for FER, Electronics 12(17), 2023",
        affectnet_8="65.04",
        affectnet_7="67.36",
        rafdb="92.34",
        ferplus="90.74 (said)",
        cost="4.2 M",
    ),
)

#: What becomes of such figures when a detector must find the face first: AffectNet-7, Py-Feat's own test.
END_TO_END = (("OpenFace 3", 0.49), ("LibreFace", 0.46), ("Py-Feat Detectorv2", 0.49))
