"""The paper's network in PyTorch, its parts to be left out one by one, and its weights in the layout of alexnet-ts."""

import copy
import json
import math

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

LAYERS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8']
LRN = {'n': 5, 'k': 2.0, 'alpha': 0.0373778, 'beta': 0.75}  # alpha undivided: the paper's 1e-4 at the scale of these activations
PIXEL_SCALE = 58.0  # pixels are divided by it in training; the exported conv1 takes them as they are, less the mean


class LocalResponseNorm(torch.autograd.Function):
    """b = a / (k + alpha * sum of a^2 over n neighbouring channels)^beta (paper, 3.3): a fraction of the memory of torch's own."""

    @staticmethod
    def forward(ctx, a, n, k, alpha, beta):
        scale = _window(a * a, n).mul_(alpha).add_(k)
        ctx.save_for_backward(a, scale)
        ctx.constants = n, alpha, beta
        return _inverse_power(scale, beta).mul_(a)

    @staticmethod
    def backward(ctx, gradient):
        a, scale = ctx.saved_tensors
        n, alpha, beta = ctx.constants
        direct = _inverse_power(scale, beta).mul_(gradient)
        shared = _window((direct * a).div_(scale), n)
        return direct.addcmul_(shared, a, value=-2 * alpha * beta), None, None, None, None


def _window(x, n):
    """The sum over n neighbouring channels, centred, fewer at the edges."""
    total = x.clone()
    for shift in range(1, n // 2 + 1):
        total[:, shift:] += x[:, :-shift]
        total[:, :-shift] += x[:, shift:]
    return total


def _inverse_power(x, beta):
    if beta != 0.75:
        return x.pow(-beta)
    root = x.rsqrt()
    return root.rsqrt().mul_(root).mul_(root)  # x^-0.75 without logarithms


class Dropout(nn.Module):
    """Dropout whose mask is drawn for the whole batch of all processes, so that their number changes nothing."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate
        self.draw = None  # (count) -> uniform numbers of this process' rows, set by the training loop

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        return x * (self.draw(x.shape[1]) >= self.rate).to(x.dtype) / (1 - self.rate)


class AlexNet(nn.Module):
    """
    classes units, pictures of size x size. 227 is the paper's network; fewer pixels train faster, and `grow` carries the weights over.
    lrn=False, overlap=False (2 x 2 pooling), dropout=0 and towers=1 leave one ingredient out. batch_norm=True puts a batch normalization
    behind each convolution while it is trained; `folded` works it into the weights, and the paper's network is left.
    """

    fast_features = None  # a compiled `features`, set by the training loop

    def __init__(self, classes=200, size=227, lrn=True, overlap=True, dropout=0.5, towers=2, init='he', batch_norm=False):
        super().__init__()
        self.lrn, self.window = lrn, 3 if overlap else 2
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=towers)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=towers)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=towers)
        self.side = pool5_side(size, self.window)
        self.fc6 = nn.Linear(256 * self.side**2, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, classes)
        self.drop6, self.drop7 = Dropout(dropout), Dropout(dropout)
        self.norms = nn.ModuleDict({name: nn.BatchNorm2d(getattr(self, name).out_channels) for name in LAYERS[:5] if batch_norm})
        if batch_norm:  # smaller inputs of fc6, whose steps grow with their squares
            nn.init.constant_(self.norms['conv5'].weight, 0.3)
        for name in LAYERS:
            layer = getattr(self, name)
            fan_in = layer.weight[0].numel()
            # 'paper': N(0, 0.01) and biases of 1 (paper, section 5), which takes epochs to get going; 'he': variance 2 / fan-in
            std = 0.01 if init == 'paper' or name == 'fc8' else math.sqrt(2 / fan_in)
            nn.init.normal_(layer.weight, 0, std)
            nn.init.constant_(layer.bias, 1.0 if init == 'paper' and name in ('conv2', 'conv4', 'conv5', 'fc6', 'fc7') else 0.0)

    def features(self, x):
        """[n, 3, size, size], pixels less the mean over PIXEL_SCALE -> pool5, flattened."""
        x = self._pool(self._lrn(self._conv('conv1', x)))
        x = self._pool(self._lrn(self._conv('conv2', x)))
        x = self._conv('conv5', self._conv('conv4', self._conv('conv3', x)))
        return self._pool(x).flatten(1)

    def classifier(self, x):
        x = self.drop6(F.relu(self.fc6(x)))
        x = self.drop7(F.relu(self.fc7(x)))
        return self.fc8(x)

    def forward(self, x):
        return self.classifier((self.fast_features or self.features)(x))

    @torch.no_grad()
    def grow(self, size):
        """The same network for pictures of size x size: fc6 gets a new parameter, of which nothing else knows yet."""
        self.side = pool5_side(size, self.window)
        self.fc6.weight = nn.Parameter(resized_fc6(self.fc6.weight, self.side))

    @torch.no_grad()
    def folded(self):
        """A copy without batch normalization that answers alike (in `eval` mode): its factors and offsets are in the weights and biases."""
        plain = copy.deepcopy(self)
        plain.fast_features = None
        for name, norm in plain.norms.items():
            conv, factor = getattr(plain, name), norm.weight / (norm.running_var + norm.eps).sqrt()
            conv.weight *= factor[:, None, None, None]
            conv.bias.copy_((conv.bias - norm.running_mean) * factor + norm.bias)
        plain.norms = nn.ModuleDict()
        return plain

    def _conv(self, name, x):
        x = getattr(self, name)(x)
        return F.relu(self.norms[name](x) if name in self.norms else x, inplace=True)

    def _lrn(self, x):
        return LocalResponseNorm.apply(x, LRN['n'], LRN['k'], LRN['alpha'], LRN['beta']) if self.lrn else x

    def _pool(self, x):
        return F.max_pool2d(x, self.window, 2)


def pool5_side(size, window=3):
    """Rows of pool5 for a picture of size x size: 6 for 227, 3 for 131, 2 for 99."""
    side = (size - 11) // 4 + 1
    for _ in range(3):
        side = (side - window) // 2 + 1
    return side


def resized_fc6(weight, side):
    """fc6's [units, 256 * s * s] for another side of pool5: a place is spread over those that it becomes, or they are added up."""
    units, old = weight.shape[0], math.isqrt(weight.shape[1] // 256)
    if old == side:
        return weight
    grid = weight.reshape(units, 256, old, old)
    if side % old == 0:
        times = side // old
        grid = grid.repeat_interleave(times, 2).repeat_interleave(times, 3) / times**2
    elif old % side == 0:
        times = old // side
        grid = grid.reshape(units, 256, side, times, side, times).sum((3, 5))
    else:
        raise ValueError(f'fc6 goes from {old} x {old} places to a multiple or a divisor of them, got {side} x {side}.')
    return grid.reshape(units, -1)


@torch.no_grad()
def clean_conv1(model, views, lost=3e-4):
    """
    Takes out of conv1's filters what no picture can excite. Pictures of 64 pixels enlarged to 227 have no fine detail, so the noise that the
    filters began with stays in them, unseen and unlearnt. Of the principal components of the 11 x 11 patches of `views`, those stay that carry
    all but `lost` of the variance of the answers.
    """
    weight = model.conv1.weight
    patches = F.unfold(views.float(), 11, stride=4).transpose(1, 2).reshape(-1, weight[0].numel())
    patches = patches[:200_000].double()
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    parts = weight.flatten(1).double() @ vectors  # ascending: the weakest first
    carried = (values.clamp_min(0) * parts.square()).sum(0).cumsum(0)
    parts[:, carried < lost * carried[-1]] = 0
    weight.copy_((parts @ vectors.T).reshape(weight.shape))


def to_library(name, weight):
    """PyTorch's layout -> TensorFlow.js': OIHW -> HWIO, [out, in] -> [in, out] with fc6's rows in H, W, C order. conv1 takes whole pixels."""
    if name == 'conv1':
        weight = weight / PIXEL_SCALE
    if name.startswith('conv'):
        return weight.permute(2, 3, 1, 0).contiguous()
    if name == 'fc6':
        side = math.isqrt(weight.shape[1] // 256)
        weight = weight.reshape(-1, 256, side, side).permute(0, 2, 3, 1).reshape(weight.shape)
    return weight.t().contiguous()


def from_library(name, kernel):
    """The inverse of to_library."""
    if name.startswith('conv'):
        weight = kernel.permute(3, 2, 0, 1).contiguous()
        return weight * PIXEL_SCALE if name == 'conv1' else weight
    weight = kernel.t()
    if name == 'fc6':
        side = math.isqrt(weight.shape[1] // 256)
        weight = weight.reshape(-1, side, side, 256).permute(0, 3, 1, 2).reshape(weight.shape)
    return weight.contiguous()


def save_set(path, model, about, codes=None):
    """
    Writes a .safetensors file that `alexnet convert` turns into a set: `<layer>.kernel` and `<layer>.bias`, `about` (network, labels,
    preprocessing, provenance) in its metadata. `codes` holds int8 kernels and their scale per output channel, by layer, in the library's layout.
    """
    tensors = {}
    for name in LAYERS:
        layer = getattr(model, name)
        if codes:
            tensors[f'{name}.kernel'], tensors[f'{name}.kernel.scale'] = codes[name]
        else:
            tensors[f'{name}.kernel'] = to_library(name, layer.weight.detach().float().cpu())
        tensors[f'{name}.bias'] = layer.bias.detach().float().cpu().contiguous()
    save_file(tensors, path, metadata={'alexnet-ts': json.dumps(about)})


def load_set(path, model):
    """Reads such a file into the model, whatever its fc6 was made for."""
    with safe_open(path, 'pt') as file:
        names = set(file.keys())
        for name in LAYERS:
            layer = getattr(model, name)
            kernel = file.get_tensor(f'{name}.kernel').float()
            if f'{name}.kernel.scale' in names:
                kernel = kernel * file.get_tensor(f'{name}.kernel.scale')
            weight = from_library(name, kernel)
            if name == 'fc6':
                weight = resized_fc6(weight, model.side)
            with torch.no_grad():
                layer.weight.copy_(weight)
                layer.bias.copy_(file.get_tensor(f'{name}.bias'))
