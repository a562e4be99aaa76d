"""The float32 ONNX file with weights and activations as int8, chosen at run time ("dynamic"). python quantize.py <from> <to>"""

import logging
import sys

from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.WARNING)  # it asks for a pre-processing that changes nothing here
quantize_dynamic(sys.argv[1], sys.argv[2], weight_type=QuantType.QUInt8)
