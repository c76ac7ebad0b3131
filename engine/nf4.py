"""NF4 quantisation under its public name; see `engine.model.nf4`."""

from engine.model.nf4 import dequantize, quantize

__all__ = ["dequantize", "quantize"]
