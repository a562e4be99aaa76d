"""
The teacher: SqueezeNet v1.0 (Iandola et al., 2016), read from its Deep Compression file. Its
predictions on the photographs are computed once and kept.

    python teacher.py data -o cache
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import runtime
from data import Source, load_classes, predictions_file, teacher_wnids

CLASSES = 1000
SIZE = 227
MEAN_BGR = (104.0, 117.0, 123.0)
# Channels of squeeze and of each expand layer, fire2 to fire9
FIRES = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]
POOL_AFTER = (2, 6)  # fire4 and fire8, by their index in FIRES; conv1 is pooled too


class Fire(nn.Module):
    """A 1 x 1 convolution, then a 1 x 1 and a 3 x 3 convolution whose outputs are concatenated."""

    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.expand1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1(x)), F.relu(self.expand3(x))], 1)


class SqueezeNet(nn.Module):
    """RGB pixels from 0 to 255, [n, 3, 227, 227] -> logits [n, 1000]."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 7, stride=2)
        channels, fires = 96, []
        for squeeze, expand in FIRES:
            fires.append(Fire(channels, squeeze, expand))
            channels = 2 * expand
        self.fires = nn.ModuleList(fires)
        self.conv10 = nn.Conv2d(channels, CLASSES, 1, padding=1)
        self.register_buffer('mean', torch.tensor(MEAN_BGR)[:, None, None], persistent=False)

    def forward(self, x):
        x = x.flip(1) - self.mean
        x = F.max_pool2d(F.relu(self.conv1(x)), 3, 2, ceil_mode=True)
        for i, fire in enumerate(self.fires):
            x = fire(x)
            if i in POOL_AFTER:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return F.relu(self.conv10(x)).float().mean((2, 3))

    def layers(self):
        """The 26 convolutions in the order of the file."""
        fires = [[fire.squeeze, fire.expand1, fire.expand3] for fire in self.fires]
        return [self.conv1, *sum(fires, []), self.conv10]


def load_teacher(path):
    """
    Reads a file of Deep Compression (Han, Mao, Dally, 2016), little endian: uint32 counts of the
    nonzero weights of all layers, then for each layer

        float32 codebook[256]
        float32 bias[out]
        uint8   code[count]           the value of a weight is codebook[code]
        4 bits  gap[count]            zeros before it in the flattened OIHW tensor, low nibble first
    """
    model = SqueezeNet()
    data = Path(path).read_bytes()
    counts = np.frombuffer(data, '<u4', len(model.layers()))
    offset = counts.nbytes

    def read(dtype, count):
        nonlocal offset
        values = np.frombuffer(data, dtype, count, offset)
        offset += values.nbytes
        return values

    with torch.no_grad():
        for layer, count in zip(model.layers(), counts.tolist()):
            codebook, bias = read('<f4', 256), read('<f4', layer.out_channels)
            codes, packed = read(np.uint8, count), read(np.uint8, (count + 1) // 2)
            gaps = np.stack([packed & 15, packed >> 4], 1).reshape(-1)[:count].astype(np.int64)
            weight = np.zeros(layer.weight.numel(), np.float32)
            weight[np.cumsum(gaps + 1) - 1] = codebook[codes]
            layer.weight.copy_(torch.from_numpy(weight).view_as(layer.weight))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
    if offset != len(data):
        raise ValueError(f'{path}: must have {offset} bytes, got {len(data)}.')
    return model.eval().to(memory_format=torch.channels_last)


@torch.no_grad()
def predict(model, pictures, run, batch_size=64):
    """uint8 [n, 3, s, s], enlarged to 227 pixels -> log-probabilities, float16 [n, 1000]."""
    result = []
    for batch in pictures.split(batch_size):
        x = F.interpolate(batch.float(), (SIZE, SIZE), mode='bilinear', align_corners=False)
        with run.autocast():
            logits = model(x.contiguous(memory_format=torch.channels_last))
        result.append(logits.float().log_softmax(1).clamp_min(-18.4).half().cpu())
    return torch.cat(result).numpy()


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data', type=Path, help='folder of the pictures and the teacher')
    parser.add_argument('-o', '--out', type=Path, required=True, help='the cache of train.py')
    runtime.add_arguments(parser)
    args = parser.parse_args(argv)
    run = runtime.Runtime(args)
    model = load_teacher(args.data / 'teacher/compressed_SqueezeNet.net').to(run.device)
    wnids = teacher_wnids(args.data)
    for name in ('160-unlabelled', '160', '80'):
        source = Source(args.data, name, args.out, run.device)
        file = predictions_file(args.out, name)
        if not file.exists():
            np.save(file, predict(model, source.pictures, run))
        text = f'{name}: {len(source.pictures)} pictures'
        if source.labels is not None:
            labels = [c['wnid'] for c in load_classes(args.data)]
            truth = np.array([wnids.index(wnid) for wnid in labels])[source.labels.cpu()]
            right = (np.load(file).argmax(1) == truth).mean()
            text += f', the teacher is right for {right:.1%} (1000 classes)'
        print(text, flush=True)


if __name__ == '__main__':
    main()
