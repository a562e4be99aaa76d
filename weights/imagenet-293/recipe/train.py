"""
Trains the paper's network on Tiny ImageNet: stochastic gradient descent with momentum 0.9 and weight decay 5e-4, dropout, random crops,
mirrors and PCA colour, as in the paper; README.md beside it has the commands, the machines, the times and the expected accuracy.

    python train.py <tiny-imagenet> -o run                                # one process, on the GPU if there is one
    torchrun --nproc_per_node 2 train.py <tiny-imagenet> -o run           # several: the same losses, to rounding
    python train.py <tiny-imagenet> -o run --resume                       # goes on from run/checkpoint.pt

Writes run/log.jsonl (a line every --log-every steps, a line with the validation accuracy every epoch), run/checkpoint.pt and
run/weights.safetensors, which `alexnet convert` turns into a set.
"""

import argparse
import copy
import json
import math
import os
import random
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F

from data import CROP, MEAN, TILE, augmented, centre, colour_directions, load_classes, load_sheets
from network import LRN, AlexNet, clean_conv1, load_set, resized_fc6, save_set


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('data', help='folder with classes.json, train/<wnid>.jpg and val/<wnid>.jpg (sheets of 64 x 64 tiles)')
    add('-o', '--out', required=True, type=Path, help='folder of the run')
    add('--init', help='.safetensors to start from instead of random weights')
    add('--resume', action='store_true', help='go on from the checkpoint in the folder of the run')
    add('--size', type=int, default=227, help='side of the input, pixels: 131 trains three times as fast, 227 is the network that is shipped')
    add('--epochs', type=float, default=90)
    add('--minutes', type=float, help='in place of --epochs: as many as there is time for; the schedule follows the clock')
    add('--steps', type=int, help='stop after this many steps, whatever the epochs (the schedule is that of the epochs)')
    add('--small', type=int, help='side of the input at first, pixels: 131 is three times as fast as 227, to which it then grows')
    add('--small-until', type=float, default=0.35, help='share of the run made with --small')
    add('--batch', type=int, default=128, help='pictures a step, of all processes together')
    add('--lr', type=float, default=0.01)
    add('--last-lr', type=float, default=0.0, help='what the cosine ends at')
    add('--schedule', choices=['cosine', 'paper'], default='cosine', help='paper: divided by ten three times, at 1/3, 2/3 and 8/9')
    add('--warm-up', type=int, default=500, help='steps')
    add('--momentum', type=float, default=0.9)
    add('--weight-decay', type=float, default=5e-4)
    add('--clip', type=float, default=0.0, help='longest gradient, of all weights together; longer ones are shortened. 0 is off')
    add('--label-smoothing', type=float, default=0.1)
    add('--mixup', type=float, default=0.0, help='alpha of the Beta distribution; 0 is off')
    add('--cutmix', type=float, default=0.0, help='share of the steps in which a rectangle of each view comes from another, in place of --mixup')
    add('--mix-until', type=float, default=0.9, help='share of the run after which neither is done')
    add('--min-crop', type=int, default=CROP, help=f'side of the smallest crop; below {CROP} it is drawn from here to {TILE}')
    add('--jitter', type=float, default=0.0, help='brightness, contrast and saturation vary by this share')
    add('--ema', type=float, default=0.0, help='decay a step of the averaged weights that are evaluated and written; 0 is off')
    add('--weight-init', choices=['he', 'paper'], default='he')
    add('--dropout', type=float, default=0.5)
    add('--batch-norm', action='store_true', help='behind each convolution; worked into its weights when they are written')
    add('--no-lrn', action='store_true')
    add('--no-overlap', action='store_true', help='2 x 2 pooling')
    add('--towers', type=int, choices=[1, 2], default=2)
    add('--classes', type=int, default=200, help='the first so many classes only')
    add('--per-class', type=int, help='the first so many training pictures of each class only; the rest is evaluated too, as `unseen`')
    add('--cache', help='folder that keeps the decoded sheets')
    add('--precision', choices=['auto', 'float32', 'bfloat16'], default='auto', help='of the products; the weights are float32')
    add('--threads', type=int, help='CPU threads')
    add('--seed', type=int, default=1)
    add('--compile', action='store_true', help='torch.compile for the convolutions (one process)')
    add('--log-every', type=int, default=20, help='steps')
    add('--evaluate-every', type=int, default=1, help='epochs')
    add('--checkpoint-every', type=float, default=120, help='seconds')
    return parser.parse_args()


def main():
    args = arguments()
    if args.threads:
        torch.set_num_threads(args.threads)
    rank, world = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
    cuda = torch.cuda.is_available()
    device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', 0))) if cuda else torch.device('cpu')
    if world > 1:
        dist.init_process_group('nccl' if cuda else 'gloo')
    if args.batch % world:
        raise SystemExit(f'--batch: a multiple of the {world} processes, got {args.batch}.')
    if cuda:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    bfloat16 = uses_bfloat16(args)
    torch.manual_seed(args.seed)

    train, validation, unseen, colours, labels = pictures(args, device)
    checkpoint = args.out / 'checkpoint.pt'
    saved = torch.load(checkpoint, map_location=device, weights_only=True) if args.resume else {}
    size = saved.get('size', args.small or args.size)
    model = AlexNet(
        len(labels), size, not args.no_lrn, not args.no_overlap, args.dropout, args.towers, args.weight_init, args.batch_norm
    )
    if args.init:
        load_set(args.init, model)
    model = model.to(device, memory_format=torch.channels_last)
    averaged = numbers(model, copied=True) if args.ema else None
    optimizer = torch.optim.SGD(model.parameters(), args.lr, args.momentum, weight_decay=args.weight_decay, fused=True)
    if saved:
        model.load_state_dict(saved['model'])
        optimizer.load_state_dict(saved['optimizer'])
        averaged = saved['averaged']
    step, ran = saved.get('step', 0), saved.get('ran', 0.0)
    parallel = wrapped(model, args, world)

    count = len(train[0])
    an_epoch = count // args.batch
    steps = math.inf if args.minutes else math.ceil(args.epochs * an_epoch)
    last = min(steps, args.steps or steps)
    mine = slice(rank * args.batch // world, (rank + 1) * args.batch // world)
    args.out.mkdir(parents=True, exist_ok=True)
    log = Log(args.out / 'log.jsonl' if rank == 0 else None, keep=args.resume)
    log(dict(command=vars(args), step=step, steps=steps, parameters=sum(p.numel() for p in model.parameters()), processes=world))
    started = saved_at = logged_at = time.time()
    logged_step, total_loss, order = step, torch.zeros((), device=device), None

    while step < last:
        done = step / steps
        if args.minutes:
            done = min(1, (ran + time.time() - started) / (60 * args.minutes))
            last = step + 1 if done == 1 else last
        if size != args.size and done >= args.small_until:
            size = args.size
            grow(model, averaged, optimizer, size)
            parallel = wrapped(model, args, world)
        epoch, place = divmod(step, an_epoch)
        if order is None or place == 0:
            order = torch.randperm(count, generator=torch.Generator().manual_seed(args.seed * 1_000_003 + epoch)).to(device)
        # Every random number of a step comes from here, drawn for the batch of all processes: a run resumes as if never stopped
        generator = torch.Generator(device).manual_seed(args.seed * 1_000_003 + step)
        draw = lambda n: torch.rand(args.batch, n, generator=generator, device=device)[mine]
        model.drop6.draw = model.drop7.draw = draw

        chosen = order[place * args.batch : (place + 1) * args.batch][mine]
        views = augmented(train[0][chosen], size, draw, colours, args.min_crop, args.jitter)
        views = views.contiguous(memory_format=torch.channels_last)
        targets = F.one_hot(train[1][chosen], len(labels)).float()
        if done < args.mix_until:
            views, targets = mixed(views, targets, args, random.Random(args.seed * 1_000_003 + step))
        rate = learning_rate(step, done, args)
        for group in optimizer.param_groups:
            group['lr'] = rate
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            logits = parallel(views)
        loss = F.cross_entropy(logits.float(), targets, label_smoothing=args.label_smoothing)
        optimizer.zero_grad()
        loss.backward()
        if args.clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        step += 1
        total_loss += loss.detach()
        if averaged:
            torch._foreach_lerp_(list(averaged.values()), list(numbers(model).values()), 1 - min(args.ema, step / (step + 10)))

        if step % args.log_every == 0 or step == last:
            if world > 1:
                dist.all_reduce(total_loss)
            mean = total_loss.item() / world / (step - logged_step)
            speed = (step - logged_step) * args.batch / (time.time() - logged_at)
            log(dict(step=step, epoch=round(step / an_epoch, 3), loss=round(mean, 6), lr=round(rate, 6), pictures_a_second=round(speed, 1)))
            if not math.isfinite(mean):
                raise SystemExit(f'step {step}: the loss is {mean} at a learning rate of {rate:.4g}. Lower --lr; the last checkpoint is whole.')
            logged_at, logged_step = time.time(), step
            total_loss.zero_()
        evaluated = step % (an_epoch * args.evaluate_every) == 0 or step == last
        if rank == 0 and (evaluated or time.time() - saved_at > args.checkpoint_every):
            state = dict(model=model.state_dict(), optimizer=optimizer.state_dict(), averaged=averaged, step=step, size=size)
            torch.save(state | dict(ran=ran + time.time() - started), checkpoint.with_suffix('.part'))
            checkpoint.with_suffix('.part').rename(checkpoint)
            saved_at = time.time()
        if rank == 0 and evaluated:
            shown = with_weights(model, averaged)
            result = {'validation': evaluate(shown, *validation, size, bfloat16)}
            if unseen:
                result['unseen'] = evaluate(shown, *unseen, size, bfloat16)
            log(dict(step=step, epoch=round(step / an_epoch, 3), minutes=round((ran + time.time() - started) / 60, 2), **result))
            logged_at = time.time()

    if rank == 0:
        trained = with_weights(model, averaged).eval().folded()
        clean_conv1(trained, centre(train[0][:: max(1, count // 64)][:64], size))
        log(dict(step=step, cleaned=evaluate(trained, *validation, size, bfloat16)))
        save_set(args.out / 'weights.safetensors', trained, about(args, labels))
    if world > 1:
        dist.destroy_process_group()


def wrapped(model, args, world):
    """What a step calls: the model, for several processes in DistributedDataParallel."""
    if args.compile:
        model.fast_features = torch.compile(model.features, dynamic=False)
    return torch.nn.parallel.DistributedDataParallel(model) if world > 1 else model


def grow(model, averaged, optimizer, size):
    """The network for larger pictures in the middle of a run: fc6's weights are spread, in the average too; its momentum begins anew."""
    old = model.fc6.weight
    model.grow(size)
    if optimizer.state.pop(old, None):
        optimizer.state[model.fc6.weight]['momentum_buffer'] = torch.zeros_like(model.fc6.weight)
    for group in optimizer.param_groups:
        group['params'] = [model.fc6.weight if p is old else p for p in group['params']]
    if averaged:
        averaged['fc6.weight'] = resized_fc6(averaged['fc6.weight'], model.side)


def numbers(model, copied=False):
    """Weights, biases, and the means and variances of batch normalization, by name."""
    return {k: v.detach().clone() if copied else v for k, v in model.state_dict().items() if v.is_floating_point()}


def pictures(args, device):
    """(training, validation, unseen training pictures or None), each (uint8 pictures, classes), the principal colours, and the labels."""
    labels = load_classes(args.data)[: args.classes]
    loaded, val = (load_sheets(args.data, split, args.cache) for split in ('train', 'val'))
    each = len(loaded[0]) // (int(loaded[1].max()) + 1)
    place = torch.arange(len(loaded[1])) % each
    in_class = loaded[1] < len(labels)
    used = in_class & (place < (args.per_class or each))
    to = lambda split, chosen: tuple(t[chosen].to(device) for t in split)
    train = to(loaded, used)
    unseen = to(loaded, in_class & ~used) if args.per_class else None
    return train, to(val, val[1] < len(labels)), unseen, colour_directions(train[0]), labels


def learning_rate(step, done, args):
    """Of a step, with `done` of the run behind it."""
    warm = min(1, (step + 1) / args.warm_up) if args.warm_up else 1
    if args.schedule == 'paper':
        return warm * args.lr / 10 ** sum(done >= part for part in (1 / 3, 2 / 3, 8 / 9))
    return warm * (args.last_lr + (args.lr - args.last_lr) * (1 + math.cos(math.pi * done)) / 2)


def mixed(views, targets, args, draw):
    """
    CutMix (Yun et al., 2019): a rectangle of each view is another's, in `args.cutmix` of the steps. In the others mixup (Zhang et al., 2018):
    each view with another, in a proportion drawn from Beta(mixup, mixup). One proportion, rectangle and turn of the batch a step.
    """
    cut = draw.random() < args.cutmix
    if not cut and not args.mixup:
        return views, targets
    other = (torch.arange(len(views), device=views.device) + draw.randrange(1, max(2, len(views)))) % len(views)
    if not cut:
        part = draw.betavariate(args.mixup, args.mixup)
        return views.lerp(views[other], 1 - part), targets.lerp(targets[other], 1 - part)
    size, half = views.shape[-1], views.shape[-1] * math.sqrt(draw.random()) / 2
    spans = []
    for centre_at in (draw.random() * size, draw.random() * size):
        spans.append((max(0, round(centre_at - half)), min(size, round(centre_at + half))))
    (top, bottom), (left, right) = spans
    inside = views[:, :, top:bottom, left:right]
    inside.copy_(inside[other])
    return views, targets.lerp(targets[other], (bottom - top) * (right - left) / size**2)


@torch.no_grad()
def evaluate(model, images, classes, size, bfloat16, batch=250):
    """Top-1 and top-5 of the centre crop, in percent."""
    was = model.training
    model.eval()
    right = torch.zeros(2, device=images.device)
    for start in range(0, len(images), batch):
        views = centre(images[start : start + batch], size).contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
            best = model(views).float().topk(5).indices
        hit = best == classes[start : start + batch, None]
        right += torch.stack([hit[:, 0].sum(), hit.any(1).sum()])
    model.train(was)
    top1, top5 = (100 * right / len(images)).tolist()
    return dict(top1=round(top1, 2), top5=round(top5, 2), pictures=len(images))


def with_weights(model, averaged):
    """The model, or a copy of it with the averaged weights."""
    if not averaged:
        return model
    shown = copy.deepcopy(model)
    shown.fast_features = None
    shown.load_state_dict(averaged, strict=False)  # which lacks the counts of batches
    return shown


def about(args, labels):
    """What the set's model.json says of itself: see weights/README.md for the keys."""
    pool = dict(type='maxPool', size=2 if args.no_overlap else 3, stride=2, pad=0)
    norm = [] if args.no_lrn else [dict(type='lrn', **LRN)]
    conv = lambda filters, size, **more: dict(type='conv2d', filters=filters, size=size, **more)
    relu, drop = dict(type='relu'), dict(type='dropout', rate=args.dropout)
    grouped = dict(pad=1, groups=args.towers)
    stages = [
        ('conv1', conv(96, 11, stride=4)), ('relu1', relu), *(('norm1', n) for n in norm), ('pool1', pool),
        ('conv2', conv(256, 5, pad=2, groups=args.towers, bias=1)), ('relu2', relu), *(('norm2', n) for n in norm), ('pool2', pool),
        ('conv3', conv(384, 3, pad=1)), ('relu3', relu),
        ('conv4', conv(384, 3, **grouped, bias=1)), ('relu4', relu),
        ('conv5', conv(256, 3, **grouped, bias=1)), ('relu5', relu), ('pool5', pool), ('flatten', dict(type='flatten')),
        ('fc6', dict(type='dense', units=4096, bias=1)), ('relu6', relu), ('drop6', drop),
        ('fc7', dict(type='dense', units=4096, bias=1)), ('relu7', relu), ('drop7', drop),
        ('fc8', dict(type='dense', units=len(labels))),
    ]  # fmt: skip
    return dict(
        name='tiny-imagenet-200',
        variant='paper',
        network=dict(type='sequential', inputShape=[args.size, args.size, 3], layers=[dict(name=name, **layer) for name, layer in stages]),
        labels=[dict(label=c['names'].split(',')[0].strip() if isinstance(c['names'], str) else c['names'][0], id=c['wnid']) for c in labels],
        preprocessing=dict(resize=TILE, crop=CROP, inputSize=args.size, mean=list(MEAN)),
        licence='MIT for the weights; trained on ImageNet pictures, whose terms allow research and education: see README.md',
        provenance='Trained from scratch by this project on Tiny ImageNet: 200 classes of ImageNet, 100,000 pictures of 64 x 64 pixels.',
    )


class Log:
    """A JSON object a line, on the screen and in a file that plot.py reads."""

    def __init__(self, path, keep):
        self.file = path and open(path, 'a' if keep else 'w')

    def __call__(self, entry):
        if self.file:
            line = json.dumps(entry, default=str)
            print(line, flush=True)
            self.file.write(f'{line}\n')
            self.file.flush()


def uses_bfloat16(args):
    """Whether products are made in bfloat16: on a GPU, and on a processor that multiplies in it."""
    if args.precision != 'auto':
        return args.precision == 'bfloat16'
    cpu = Path('/proc/cpuinfo')
    return torch.cuda.is_available() or (cpu.exists() and 'avx512_bf16' in cpu.read_text())


if __name__ == '__main__':
    main()
