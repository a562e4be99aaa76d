"""
Reads and writes weights: the files of a set (model.json and shards), and the .safetensors file that
`alexnet convert` turns into a set. Layouts: PyTorch's here, TensorFlow.js' in the files.
"""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from data import MEAN
from network import LAYERS, LRN, PIXEL_SCALE, AlexNet, resize_fc6


def to_library(name, weight):
    """
    A layer's weight from PyTorch's layout to the library's: OIHW -> HWIO for convolutions,
    [out, in] -> [in, out] for fc, with the rows of fc6 in H, W, C order. conv1 is divided by
    PIXEL_SCALE, because the library only subtracts the mean from its pixels.
    """
    if name == 'conv1':
        weight = weight / PIXEL_SCALE
    if name.startswith('conv'):
        return weight.permute(2, 3, 1, 0).contiguous()
    if name == 'fc6':
        side = math.isqrt(weight.shape[1] // 256)
        weight = weight.reshape(-1, 256, side, side).permute(0, 2, 3, 1).reshape(weight.shape)
    return weight.t().contiguous()


def from_library(name, kernel):
    """The inverse of to_library()."""
    if name.startswith('conv'):
        weight = kernel.permute(3, 2, 0, 1).contiguous()
        return weight * PIXEL_SCALE if name == 'conv1' else weight
    weight = kernel.t()
    if name == 'fc6':
        side = math.isqrt(weight.shape[1] // 256)
        weight = weight.reshape(-1, side, side, 256).permute(0, 3, 1, 2).reshape(weight.shape)
    return weight.contiguous()


def read_set(folder):
    """
    Reads a set: a folder with model.json and its shards (see weights/README.md for the format).

    Returns its tensors as float32 by name (`conv1.kernel`, `conv1.bias`) and its manifest.
    """
    folder = Path(folder)
    manifest = json.loads((folder / 'model.json').read_text())
    tensors, channel_scales = {}, {}
    for group in manifest['weightsManifest']:
        parts = [(folder / path).read_bytes() for path in group['paths']]
        parts = [
            gzip.decompress(part) if path.endswith('.gz') else part
            for path, part in zip(group['paths'], parts)
        ]
        data, offset = b''.join(parts), 0
        for entry in group['weights']:
            name, stored = entry['name'].replace('/', '.'), entry.get('quantization', {})
            kinds = {None: '<f4', 'uint8': 'u1', 'uint16': '<u2', 'float16': '<f2'}
            dtype = np.dtype(kinds[stored.get('dtype')])
            count = math.prod(entry['shape'])
            values = np.frombuffer(data, dtype, count, offset).astype(np.float32)
            offset += count * dtype.itemsize
            values = values * stored.get('scale', 1) + stored.get('min', 0)
            tensors[name] = torch.from_numpy(values.astype(np.float32)).reshape(entry['shape'])
            if 'channelScale' in stored:
                channel_scales[name] = stored['channelScale'].replace('/', '.')
    for name, scale in channel_scales.items():
        tensors[name] = tensors[name] * tensors[scale]
    for scale in set(channel_scales.values()):
        del tensors[scale]
    return tensors, manifest


def read_safetensors(path):
    """Reads a file of save_safetensors(): its tensors by name, dequantized, and its metadata."""
    with safe_open(path, 'pt') as file:
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}
        about = json.loads((file.metadata() or {}).get('alexnet-ts', '{}'))
    for scale in [name for name in tensors if name.endswith('.scale')]:
        name = scale.removesuffix('.scale')
        tensors[name] = tensors[name] * tensors.pop(scale)
    return tensors, about


def read(path):
    """Reads a set's folder or a .safetensors file. Returns tensors by name, and the metadata."""
    return read_set(path) if Path(path).is_dir() else read_safetensors(path)


def load(path, size=227, dropout=0.0, teacher_classes=0, classes=None):
    """
    Loads a network from a set's folder or a .safetensors file, for inputs of size x size.

    If `classes` is larger than the number of classes in the file, the new classes get small random
    weights and a bias 1 below the mean. Returns the network and the manifest or metadata.
    """
    tensors, about = read(path)
    known = tensors['fc8.bias'].numel()
    hidden = tensors['fc7.bias'].numel()
    model = AlexNet(classes or known, size, dropout, teacher_classes, hidden)
    with torch.no_grad():
        for name in LAYERS:
            layer, bias = getattr(model, name), tensors[f'{name}.bias']
            weight = from_library(name, tensors[f'{name}.kernel'])
            if name == 'fc6':
                weight = resize_fc6(weight, model.side)
            if name == 'fc8':
                if known < layer.out_features:
                    nn.init.normal_(layer.weight[known:], 0, 0.005)
                    layer.bias[known:] = bias.mean() - 1
                layer.weight[:known], layer.bias[:known] = weight, bias
            else:
                layer.weight.copy_(weight)
                layer.bias.copy_(bias)
    return model.to(memory_format=torch.channels_last), about


def save_safetensors(path, model, about, quantized=None, dtype=torch.float32):
    """
    Writes `<layer>.kernel` and `<layer>.bias` in the library's layout, with describe()'s metadata.

    quantized: by layer, an int8 kernel in the library's layout and its scale per output channel
        (see compress.py); without it, kernels are written as `dtype`.
    """
    tensors = {}
    for name in LAYERS:
        layer = getattr(model, name)
        if quantized:
            kernel, scale = quantized[name]
            tensors[f'{name}.kernel'] = kernel.cpu()
            tensors[f'{name}.kernel.scale'] = scale.float().cpu()
        else:
            weight = layer.weight.detach().float().cpu()
            tensors[f'{name}.kernel'] = to_library(name, weight).to(dtype)
        tensors[f'{name}.bias'] = layer.bias.detach().float().cpu().contiguous()
    save_file(tensors, path, metadata={'alexnet-ts': json.dumps(about)})


def describe(classes, views, size=227, hidden=4096):
    """
    The metadata that becomes a set's model.json: network, labels, preprocessing, provenance.

    classes: [{ wnid, label }] in the order of fc8; views: how many were trained on; size, hidden:
        of the network.
    """
    pool = dict(type='maxPool', size=3, stride=2, pad=0)
    lrn, relu, dropout = dict(type='lrn', **LRN), dict(type='relu'), dict(type='dropout', rate=0)

    def conv(filters, size, **more):
        return dict(type='conv2d', filters=filters, size=size, **more)

    def dense(units, **more):
        return dict(type='dense', units=units, **more)

    layers = [
        ('conv1', conv(96, 11, stride=4)),
        ('relu1', relu),
        ('norm1', lrn),
        ('pool1', pool),
        ('conv2', conv(256, 5, pad=2, groups=2, bias=1)),
        ('relu2', relu),
        ('norm2', lrn),
        ('pool2', pool),
        ('conv3', conv(384, 3, pad=1)),
        ('relu3', relu),
        ('conv4', conv(384, 3, pad=1, groups=2, bias=1)),
        ('relu4', relu),
        ('conv5', conv(256, 3, pad=1, groups=2, bias=1)),
        ('relu5', relu),
        ('pool5', pool),
        ('flatten', dict(type='flatten')),
        ('fc6', dense(hidden, bias=1)),
        ('relu6', relu),
        ('drop6', dropout),
        ('fc7', dense(hidden, bias=1)),
        ('relu7', relu),
        ('drop7', dropout),
        ('fc8', dense(len(classes))),
    ]
    return dict(
        name=f'imagenet-{len(classes)}',
        variant='paper',
        network=dict(
            type='sequential',
            inputShape=[size, size, 3],
            layers=[dict(name=name, **layer) for name, layer in layers],
        ),
        labels=[dict(label=c['label'], id=c['wnid']) for c in classes],
        preprocessing=dict(resize=256, crop=227, inputSize=size, mean=list(MEAN)),
        license='MIT for the weights; trained on ImageNet pictures, whose terms allow research and '
        'education: see README.md',
        provenance=f'Trained by this project on {views:,} views of Tiny ImageNet and photographs, '
        'from labels and from the predictions of SqueezeNet v1.0.',
    )
