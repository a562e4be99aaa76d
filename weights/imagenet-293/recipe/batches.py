"""Batches for training: views of pictures of all sources, and the targets of both heads."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from data import SOURCES, load_classes, teacher_wnids
from views import draw_crops, random_views

DETAIL = (56, 90)  # pixels a side to which sharp pictures are reduced
# How much the teacher's predictions count: it is right for 44 % of the 160-pixel pictures (1000
# classes), for 20 % of the 80-pixel ones
TRUST = {'160': 1.0, '80': 0.3, '160-unlabelled': 1.0}
REDUCED = {'160': 1.0, '160-unlabelled': 1.0, '80': 0.5}  # factor of --reduced-share


def add_arguments(parser, batch_size, cutmix):
    add = parser.add_argument
    add(
        '--batch-size',
        type=int,
        nargs=4,
        default=batch_size,
        metavar='N',
        help=f'pictures of {", ".join(SOURCES)} in a batch of all processes together',
    )
    add('--min-area', type=float, default=0.35, help='of a crop, as a share of the picture')
    add('--jitter', type=float, default=0.3, help='range of brightness, contrast and saturation')
    add(
        '--reduced-share',
        type=float,
        default=0.4,
        help=f'share of the sharp pictures reduced to {DETAIL[0]}-{DETAIL[1]} pixels',
    )
    add('--label-smoothing', type=float, default=0.1)
    add(
        '--distill',
        type=float,
        default=0.4,
        help="share of the teacher's predictions in the targets of labeled photographs",
    )
    add(
        '--unlabeled-weight',
        type=float,
        default=0.35,
        help='weight of an unlabeled picture that shows none of the classes (1: one of them)',
    )
    add('--cutmix', type=float, default=cutmix, help='share of the batches')
    add('--seed', type=int, default=1)


class Batches:
    """
    Calling it with a step gives (x, targets, teacher_targets): inputs [n, 3, size, size], targets
    over the classes [n, classes] and over the teacher's [n, 1000]. The sum of a target's row is its
    weight in the loss; a row of zeros does not count.

    A batch depends on the seed and the step only. Each process takes every world-th picture of it,
    so that several processes see different pictures and together see those of one process.
    """

    def __init__(self, args, sources, run):
        self.args, self.run = args, run
        self.sources = [sources[name] for name in SOURCES]
        classes = [c['wnid'] for c in load_classes(args.data)]
        position = {wnid: i for i, wnid in enumerate(teacher_wnids(args.data))}
        self.to_teacher = torch.tensor([position[wnid] for wnid in classes], device=run.device)
        self.classes, self.teacher_classes = len(classes), len(position)
        uneven = [n for n in args.batch_size if n % run.world]
        if uneven:
            raise SystemExit(
                f'--batch-size: must be multiples of the {run.world} processes, got {uneven[0]}.'
            )

    def __call__(self, step, size, cutmix=None, seed=None, all_pictures=False):
        """all_pictures: every process gets the full batch."""
        args = self.args
        seed = args.seed if seed is None else seed
        random = np.random.default_rng([seed, step])
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        mine = slice(None) if all_pictures else slice(self.run.rank, None, self.run.world)
        parts = []
        for source, count in zip(self.sources, args.batch_size):
            if count == 0:
                continue
            chosen, tile = source.draw(step, count, seed), source.pictures.shape[-1]
            reduced = args.reduced_share * REDUCED.get(source.name, 0)
            crops = draw_crops(count, tile, generator, args.min_area, args.jitter, reduced)
            detail = int(random.integers(DETAIL[0], DETAIL[1] + 1))
            chosen, crops = chosen[mine].to(self.run.device), crops[mine]
            x = random_views(source.pictures[chosen], crops, size, detail)
            parts.append((x, *self.targets(source, chosen)))
        x, targets, teacher_targets = (torch.cat(part) for part in zip(*parts))
        if random.random() < (args.cutmix if cutmix is None else cutmix):
            x, targets, teacher_targets = cut_and_mix(x, targets, teacher_targets, random)
        return x.contiguous(memory_format=torch.channels_last), targets, teacher_targets

    def targets(self, source, chosen):
        """The targets of the chosen pictures of a source, over the classes and the teacher's."""
        args, n, device = self.args, len(chosen), self.run.device
        labels = None
        if source.labels is not None:
            labels = F.one_hot(source.labels[chosen], self.classes).float()
            labels = labels * (1 - args.label_smoothing) + args.label_smoothing / self.classes
        if source.predictions is None:
            targets = torch.zeros(n, self.classes, device=device) if labels is None else labels
            return targets, torch.zeros(n, self.teacher_classes, device=device)
        predictions, trust = source.predictions[chosen].float(), TRUST[source.name]
        ours = predictions[:, self.to_teacher]  # log-probabilities of our classes
        if labels is not None:
            targets = labels.lerp(ours.softmax(1), trust * args.distill)
        else:
            probability = ours.exp().sum(1, keepdim=True).clamp(max=1)  # that it is one of ours
            weight = args.unlabeled_weight + (1 - args.unlabeled_weight) * probability
            targets = weight * ours.softmax(1)
        return targets, trust * predictions.softmax(1)


def cut_and_mix(x, targets, teacher_targets, random):
    """
    CutMix (Yun et al., 2019): one rectangle of all views comes from other views of the batch, and
    the targets are mixed in proportion to the areas.
    """
    size, half = x.shape[-1], x.shape[-1] * math.sqrt(random.random()) / 2
    spans = []
    for center in (random.random() * size, random.random() * size):
        spans.append((max(0, round(center - half)), min(size, round(center + half))))
    (top, bottom), (left, right) = spans
    share = (bottom - top) * (right - left) / size**2
    order = torch.from_numpy(random.permutation(len(x))).to(x.device)
    x[:, :, top:bottom, left:right] = x[order, :, top:bottom, left:right]
    targets = targets.lerp(targets[order], share)
    return x, targets, teacher_targets.lerp(teacher_targets[order], share)
