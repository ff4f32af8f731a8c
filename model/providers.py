"""What can run a model: ONNX Runtime's providers, by the names that users give them."""

from __future__ import annotations

CPU = "CPUExecutionProvider"

#: The back ends that a user may ask for, and the provider that each is. Which of them there are depends on the build of
#: ONNX Runtime.
PROVIDERS: dict[str, str] = {
    "onnx": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
#: Left out of what is tried by itself: it builds an engine for minutes at its first use.
SLOW_TO_START = ("TensorrtExecutionProvider",)
#: The package that has a provider, for messages.
PACKAGES: dict[str, str] = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu",
    "directml": "onnxruntime-directml",
    "coreml": "onnxruntime on macOS",
    "openvino": "onnxruntime-openvino",
}
