"""
AlexNet (Krizhevsky, Sutskever, Hinton, 2012) in PyTorch, with two parts that exist during training
only: batch normalization after each convolution, and a second head that imitates the teacher.
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

CONV = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5']
FC = ['fc6', 'fc7', 'fc8']
LAYERS = CONV + FC
# The paper's alpha is 1e-4; this is the same alpha at the scale of these activations. As in the
# paper, it is not divided by n.
LRN = {'n': 5, 'k': 2.0, 'alpha': 0.0373778, 'beta': 0.75}
PIXEL_SCALE = 58.0  # the network's input is (pixel - mean) / PIXEL_SCALE


class LocalResponseNorm(torch.autograd.Function):
    """
    b = a / (k + sum of alpha * a^2 over n neighboring channels)^0.75 (paper, section 3.3).

    The sum is a 1 x 1 convolution with the matrix of lrn_band(), which is several times as fast as
    torch.nn.LocalResponseNorm on a CPU.
    """

    @staticmethod
    def forward(ctx, a, band):
        scale = F.conv2d(a * a, band).add_(LRN['k'])
        ctx.save_for_backward(a, scale, band)
        return _power_minus_three_quarters(scale).mul_(a)

    @staticmethod
    def backward(ctx, gradient):
        a, scale, band = ctx.saved_tensors
        direct = _power_minus_three_quarters(scale).mul_(gradient)
        neighbors = F.conv2d((direct * a).div_(scale), band).mul_(a)
        return direct.sub_(neighbors, alpha=2 * LRN['beta']), None


def _power_minus_three_quarters(x):
    root = x.rsqrt()
    return root.rsqrt().mul_(root).mul_(root)  # faster than pow(x, -0.75)


def lrn_band(channels):
    """[channels, channels, 1, 1]: alpha where two channels are neighbors, 0 elsewhere."""
    index = torch.arange(channels)
    neighbors = (index[:, None] - index).abs() <= LRN['n'] // 2
    return neighbors.float()[:, :, None, None] * LRN['alpha']


class AlexNet(nn.Module):
    """
    The paper's network: two groups in conv2, conv4 and conv5, LRN, overlapping max pooling.

    classes: number of classes of fc8.
    size: side of the input in pixels. 227 is the paper's. Smaller inputs train faster; only fc6
        depends on the size, and grow() converts it.
    dropout: rate after fc6 and fc7 (paper, section 4.2: 0.5).
    teacher_classes: number of classes of the second head on fc7; 0 for none.
    hidden: units of fc6 and fc7, 4096 in the paper.
    """

    def __init__(self, classes, size=227, dropout=0.5, teacher_classes=0, hidden=4096):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        self.side = pool5_side(size)
        self.fc6 = nn.Linear(256 * self.side**2, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.fc8 = nn.Linear(hidden, classes)
        self.teacher_head = nn.Linear(hidden, teacher_classes) if teacher_classes else None
        self.dropout = dropout
        self.norms = nn.ModuleDict()  # batch normalization by the name of the convolution
        self.register_buffer('band1', lrn_band(96), persistent=False)
        self.register_buffer('band2', lrn_band(256), persistent=False)
        for name in LAYERS:
            layer = getattr(self, name)
            deviation = 0.01 if name == 'fc8' else math.sqrt(2 / layer.weight[0].numel())
            nn.init.normal_(layer.weight, 0, deviation)
            nn.init.zeros_(layer.bias)
        if teacher_classes:
            nn.init.normal_(self.teacher_head.weight, 0, 0.005)
            nn.init.zeros_(self.teacher_head.bias)

    def features(self, x):
        """Input [n, 3, size, size] -> pool5, [n, 256 * side * side]."""
        x = F.max_pool2d(self._lrn(self._conv('conv1', x), self.band1), 3, 2)
        x = F.max_pool2d(self._lrn(self._conv('conv2', x), self.band2), 3, 2)
        x = self._conv('conv5', self._conv('conv4', self._conv('conv3', x)))
        return F.max_pool2d(x, 3, 2).flatten(1)

    def hidden(self, pool5):
        """pool5 -> fc7 after ReLU and dropout, [n, hidden]."""
        x = F.dropout(F.relu(self.fc6(pool5)), self.dropout, self.training)
        return F.dropout(F.relu(self.fc7(x)), self.dropout, self.training)

    def classifier(self, pool5):
        """pool5 -> logits of the classes, [n, classes]."""
        return self.fc8(self.hidden(pool5))

    def both_heads(self, pool5):
        """pool5 -> logits of the classes and logits of the teacher's classes."""
        x = self.hidden(pool5)
        return self.fc8(x), self.teacher_head(x)

    def forward(self, x):
        return self.classifier(self.features(x))

    def _conv(self, name, x):
        x = getattr(self, name)(x)
        return F.relu(self.norms[name](x) if name in self.norms else x)

    def _lrn(self, x, band):
        return LocalResponseNorm.apply(x, band.to(x.dtype))

    def add_batch_norm(self):
        """Adds batch normalization after each convolution, which loses its bias."""
        for name in CONV:
            conv = getattr(self, name)
            norm = nn.BatchNorm2d(conv.out_channels, momentum=0.03)
            self.norms[name] = norm.to(conv.weight.device)
            conv.bias = None

    @torch.no_grad()
    def add_equivalent_batch_norm(self, batches):
        """
        Adds batch normalization without changing the network's outputs.

        Each channel's factor and offset are the standard deviation and the mean that `batches`, a
        list of inputs, give it. The filters are rescaled to the length of freshly initialized
        ones, which batch normalization allows, so that one learning rate suits all layers.
        """
        sums = {name: [0.0, 0.0, 0] for name in CONV}

        def observe(name):
            def hook(module, inputs, output):
                values = output.detach().transpose(0, 1).flatten(1).double()
                sums[name][0] += values.sum(1)
                sums[name][1] += values.square().sum(1)
                sums[name][2] += values.shape[1]

            return getattr(self, name).register_forward_hook(hook)

        hooks = [observe(name) for name in CONV]
        for x in batches:
            self.features(x)
        for hook in hooks:
            hook.remove()
        biases = {name: getattr(self, name).bias for name in CONV}
        self.add_batch_norm()
        for name in CONV:
            conv, norm = getattr(self, name), self.norms[name]
            total, squares, count = sums[name]
            mean = (total / count).float()
            variance = (squares / count - (total / count).square()).clamp_min(1e-12).float()
            length = conv.weight.flatten(1).norm(dim=1).clamp_min(1e-6)
            factor = math.sqrt(2) / length
            conv.weight.mul_(factor[:, None, None, None])
            norm.weight.copy_(variance.sqrt())
            norm.bias.copy_(mean)
            norm.running_mean.copy_((mean - biases[name]) * factor)
            norm.running_var.copy_((variance * factor.square() - norm.eps).clamp_min(1e-8))

    @torch.no_grad()
    def folded(self):
        """
        A copy without batch normalization and without the second head, with the same logits in
        eval mode: the factors and offsets are multiplied into the weights and biases.
        """
        plain = copy.deepcopy(self)
        for name, norm in plain.norms.items():
            conv = getattr(plain, name)
            factor = norm.weight / (norm.running_var + norm.eps).sqrt()
            conv.weight.mul_(factor[:, None, None, None])
            conv.bias = nn.Parameter(norm.bias - norm.running_mean * factor)
        plain.norms, plain.teacher_head = nn.ModuleDict(), None
        return plain

    @torch.no_grad()
    def grow(self, size):
        """Converts the network to inputs of size x size. fc6.weight becomes a new parameter."""
        self.side = pool5_side(size)
        self.fc6.weight = nn.Parameter(resize_fc6(self.fc6.weight, self.side))
        self.fc6.in_features = self.fc6.weight.shape[1]


def pool5_side(size):
    """Side of pool5 for inputs of size x size: 6 for 227, 4 for 163, 3 for 131, 2 for 99."""
    side = (size - 11) // 4 + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


def resize_fc6(weight, side):
    """
    Converts fc6's weight, [units, 256 * s * s], to a pool5 of side x side.

    The weight of each position of the old pool5 is divided among the new positions in proportion
    to the area that they share. If every old position becomes a block of equal values, fc6's
    output stays the same.
    """
    units, old_side = weight.shape[0], math.isqrt(weight.shape[1] // 256)
    if old_side == side:
        return weight
    share = _overlap(old_side, side).to(weight)
    by_position = weight.reshape(units, 256, old_side, old_side)
    return torch.einsum('ucyx,Yy,Xx->ucYX', by_position, share, share).reshape(units, -1)


def _overlap(old, new):
    """[new, old]: the share of each of `old` equal intervals of a line in each of `new`."""
    edges = torch.arange(new + 1, dtype=torch.float64) * old / new
    start = torch.arange(old, dtype=torch.float64)
    left, right = edges[:-1, None], edges[1:, None]
    return (torch.minimum(right, start + 1) - torch.maximum(left, start)).clamp(min=0)
