"""Quantizes an ONNX file to int8, dynamically: python quantize.py <from> <to>"""

import logging
import sys

from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.WARNING)  # it recommends preprocessing that has no effect here
quantize_dynamic(sys.argv[1], sys.argv[2], weight_type=QuantType.QUInt8)
