"""The settings of a training run: dataclasses with a line of help per field, read from TOML by ``load_config``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


def _help(
    text: str, default: Any, *, least: float | None = None, most: float | None = None, choices: tuple[str, ...] = ()
) -> Any:
    return field(default=default, metadata={"help": text, "least": least, "most": most, "choices": choices})


_MOST_JOBS = 4096
_MOST = 1_000_000  # of anything that is counted: beyond it a number was mistyped


@dataclass(slots=True)
class DataConfig:
    """Where the condensed sets lie."""

    root: str = _help("folder of condensed splits, as training.prepare writes it", "condensed/ferplus")
    kind: str = _help(
        "what the set was made from, for messages: affectnet, rafdb, ferplus, fer2013, folder; generated: drawn faces",
        "",
        choices=("", "affectnet", "rafdb", "ferplus", "fer2013", "folder", "generated"),
    )
    train: str = _help("split to train on", "train")
    valid: str = _help("split to validate on", "valid")
    workers: int = _help("threads that read batches ahead; 0 reads in the loop", 0, least=0, most=64)


@dataclass(slots=True)
class NetworkConfig:
    """Which network, on which input."""

    architecture: str = _help("name of the architecture", "compact")
    input_size: int = _help("side of the input in pixels", 48, least=8, most=1024)
    colour: str = _help("gray, bgr or rgb", "gray", choices=("gray", "bgr", "rgb"))
    mean: float = _help("mean of pixels in [0, 1], for every channel", 0.5)
    std: float = _help("standard deviation of pixels in [0, 1]", 0.25, least=1e-6)
    valence_arousal: bool = _help("a second head for valence and arousal, where the data have them", False)
    options: dict[str, Any] = field(
        default_factory=dict, metadata={"help": "passed to the architecture, e.g. { dropout = 0.3 }"}
    )


@dataclass(slots=True)
class AugmentConfig:
    """How training pictures are varied; each batch is varied anew."""

    flip: float = _help("share of pictures mirrored left to right", 0.5, least=0, most=1)
    zoom: float = _help("standard deviation of the logarithm of the zoom", 0.14, least=0, most=10)
    shift: float = _help("largest shift, as a share of the side", 0.08, least=0, most=10)
    rotate: float = _help("largest rotation in degrees", 15.0, least=0, most=360)
    shear: float = _help("largest shear", 0.05, least=0, most=10)
    gamma: float = _help("standard deviation of the logarithm of gamma (lighting)", 0.25, least=0, most=10)
    contrast: float = _help("largest relative change of contrast and brightness", 0.3, least=0, most=100)
    saturation: float = _help("largest relative change of saturation (colour pictures only)", 0.0, least=0, most=100)
    blur: float = _help("share of pictures blurred by going through a smaller size (far faces)", 0.15, least=0, most=1)
    noise: float = _help("share of pictures with camera noise", 0.2, least=0, most=1)
    erase: float = _help("share of pictures with a rectangle covered (hands, hair)", 0.3, least=0, most=1)
    calm_epochs: int = _help("last epochs in which all but mirroring and mixing is halved", 0, least=0, most=_MOST)
    mixup: float = _help("share of batches mixed up (Zhang et al. 2018)", 0.0, least=0, most=1)
    mixup_alpha: float = _help("parameter of mixup's beta distribution", 0.4, least=1e-3)
    cutmix: float = _help("share of batches with pieces exchanged (Yun et al. 2019)", 0.0, least=0, most=1)
    cutmix_alpha: float = _help("parameter of cutmix's beta distribution", 1.0, least=1e-3)


@dataclass(slots=True)
class TrainConfig:
    """The loop."""

    epochs: int = _help("passes over the training split", 40, least=1, most=_MOST)
    batch_size: int = _help("pictures per step, over all devices", 128, least=1, most=_MOST)
    accumulate: int = _help("parts that a step's batch is computed in, for less memory", 1, least=1, most=_MOST)
    optimizer: str = _help("sgd, adam or adamw", "sgd", choices=("sgd", "adam", "adamw"))
    learning_rate: float = _help("the schedule's peak", 0.1, least=0)
    momentum: float = _help("SGD's momentum (Nesterov), Adam's first beta", 0.9, least=0, most=0.9999)
    weight_decay: float = _help("weight decay of convolutions and linear layers", 5e-4, least=0)
    schedule: str = _help(
        "cosine, linear or constant, after the warm-up", "cosine", choices=("cosine", "linear", "constant")
    )
    warmup_epochs: float = _help("linear warm-up", 1.0, least=0)
    final_rate: float = _help("the schedule's end, as a share of its peak", 0.001, least=0)
    clip_norm: float = _help("gradient clipping by norm; 0 is off", 5.0, least=0)
    ema_decay: float = _help("decay of the moving average of weights; 0 is off", 0.999, least=0, most=0.999999)
    loss: str = _help("mean or sum over a batch", "mean", choices=("mean", "sum"))
    soft_labels: bool = _help("learn the votes' distribution where the data have one; false: the winner alone", True)
    label_smoothing: float = _help("share of each target spread evenly over the classes", 0.0, least=0, most=1)
    balance: float = _help("class balance of sampling: 0 as they are, 1 all classes alike", 0.0, least=0, most=1)
    class_weights: float = _help("class balance of the loss: 0 as they are, 1 all classes alike", 0.0, least=0, most=1)
    prior_adjustment: float = _help("logit adjustment in the loss by the classes' log-prior (Menon et al. 2021)", 0.0)
    valence_arousal: float = _help("weight of the concordance loss beside that of the classes", 0.5, least=0)
    patience: int = _help(
        "validations without a better one before the run ends; 0 never ends early", 0, least=0, most=_MOST
    )
    evaluate_every: int = _help("epochs between validations", 1, least=1, most=_MOST)
    checkpoint_minutes: float = _help("minutes between checkpoints", 3.0, least=0)
    compile: bool = _help("torch.compile the network", False)
    accelerator: str = _help(
        "Lightning Fabric's: auto, cpu, cuda", "auto", choices=("auto", "cpu", "cuda", "mps", "gpu")
    )
    devices: int = _help("devices of this machine that share each batch", 1, least=1, most=64)
    precision: str = _help("32-true, bf16-mixed or 16-mixed", "32-true", choices=("32-true", "bf16-mixed", "16-mixed"))
    threads: int = _help("CPU threads of PyTorch; 0 lets it choose", 0, least=0, most=1024)


@dataclass(slots=True)
class DistilConfig:
    """Learning from larger networks as well as from the labels (Hinton et al. 2015)."""

    teachers: list[str] = field(
        default_factory=list,
        metadata={"help": "folders of finished runs, runs/NAME, or checkpoints (.pt); their readings are averaged"},
    )
    share: float = _help("the teachers' share of each target; the rest is the label's", 0.7, least=0, most=1)
    at_once: int = _help("teachers that read each step's batch, in turn; 0: all", 0, least=0, most=64)


@dataclass(slots=True)
class PretrainConfig:
    """The step before: the same network on another data set; what is not said here is as in [train] and [augment]."""

    weights: str = _help("instead: begin with the weights of this model, a name or an .onnx file, e.g. compact", "")
    root: str = _help("folder of condensed splits; empty: no pre-training", "")
    kind: str = _help(
        "what the set was made from, for messages: affectnet, rafdb, ferplus, fer2013, folder; generated: drawn faces",
        "",
        choices=("", "affectnet", "rafdb", "ferplus", "fer2013", "folder", "generated"),
    )
    train: str = _help("split to pre-train on", "train")
    valid: str = _help("split to validate on", "valid")
    settings: dict[str, Any] = field(
        default_factory=dict,
        metadata={"help": "settings that differ from [train], e.g. { epochs = 15, batch_size = 32 }"},
    )
    keep_head: bool = _help("also hand the last layer over, not only the features", True)


@dataclass(slots=True)
class TuneConfig:
    """The search before training."""

    factors: dict[str, Any] = field(
        default_factory=dict,
        metadata={"help": 'one at a time: setting -> values, e.g. { "train.learning_rate" = [1e-3, 1e-4] }'},
    )
    space: dict[str, Any] = field(
        default_factory=dict,
        metadata={"help": "joint search with pruning: setting -> a list of choices, or { low, high, log } of numbers"},
    )
    trials: int = _help("trials of the joint search; 0: none", 0, least=0, most=_MOST)
    epochs: int = _help("epochs of a trial", 3, least=1, most=_MOST)
    share: float = _help("share of the training split that a trial uses", 1.0, least=0.001, most=1)
    jobs: int = _help("trials at the same time, each in a process of its own", 1, least=1, most=_MOST_JOBS)
    pruner: str = _help(
        "what leaves bad trials off early: median or asha; auto: median, on Ray asha",
        "auto",
        choices=("auto", "median", "asha"),
    )
    engine: str = _help(
        "who carries trials out: embedded (this machine) or ray (a cluster)", "embedded", choices=("embedded", "ray")
    )
    address: str = _help("HOST:PORT of a Ray cluster; empty: one on this machine alone, for the search", "")
    gpus_per_trial: float = _help(
        "GPUs of a trial on Ray, where there are any; 0.25: four share one", 1.0, least=0.01, most=1
    )
    pretrained: bool = _help("trials begin with the pre-trained weights", True)
    apply: bool = _help("train with the joint search's best settings", False)


@dataclass(slots=True)
class EvaluateConfig:
    """What is scored."""

    model: str = _help("model name or .onnx file; empty: this run's export", "")
    split: str = _help("split of data.root to score: valid, test, train", "valid")
    batch_size: int = _help("pictures per batch", 256, least=1, most=_MOST)
    groups: str = _help("a .csv with columns name,group (or several: name,age,gender): the same figures by group", "")
    robustness: bool = _help("also score the split's faces blurred, dark, small, tilted, covered and so on", False)
    photographs: str = _help(
        "photographs to score end to end: KIND:PATH or KIND:PATH:SPLIT, as folder:lfw.zip:test", ""
    )


@dataclass(slots=True)
class ExportConfig:
    """The file that comes out."""

    path: str = _help("the .onnx file to write; empty: RUN/NAME.onnx", "")
    name: str = _help("the model's name in its card; empty: the architecture's", "")
    int8: bool = _help("also write an int8 file beside it, NAME-int8.onnx", False)
    calibration: int = _help("training pictures that set the int8 ranges", 512, least=8, most=_MOST)
    half_weights: bool = _help("store the large weights in 16 bits: half the file, widened when it is loaded", False)
    attention: bool = _help("add the output attention, where the network can give it exactly", False)
    data: str = _help("what it was trained on, for the card", "")
    licence: str = _help("licence of the weights, for the card", "GPL-3.0-or-later")
    notes: str = _help("anything a user should know, for the card", "")


@dataclass(slots=True)
class ReportConfig:
    """The HTML file at the end."""

    path: str = _help("the .html file to write; empty: RUN/report.html", "")
    compare: list[str] = field(default_factory=list, metadata={"help": "folders of other runs to set beside this one"})
    pictures: int = _help(
        "validation pictures that are shown with the model's reading at each validation", 16, least=0, most=_MOST
    )


@dataclass(slots=True)
class Config:
    """One training run."""

    name: str = _help("the run's name; its folder is runs/NAME", "run")
    seed: int = _help("seed of everything random", 1, least=0, most=2**31)
    data: DataConfig = field(default_factory=DataConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    pretrain: PretrainConfig = field(default_factory=PretrainConfig)
    distil: DistilConfig = field(default_factory=DistilConfig)
    tune: TuneConfig = field(default_factory=TuneConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    export: ExportConfig = field(default_factory=ExportConfig)
    report: ReportConfig = field(default_factory=ReportConfig)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for checkpoints and logs."""
        return dataclasses.asdict(self)
