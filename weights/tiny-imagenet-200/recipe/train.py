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
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F

from data import CROP, MEAN, TILE, augmented, centre, colour_directions, load_classes, load_sheets
from network import LRN, AlexNet, clean_conv1, load_set, save_set


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('data', help='folder with classes.json, train/<wnid>.jpg and val/<wnid>.jpg (sheets of 64 x 64 tiles)')
    add('-o', '--out', required=True, type=Path, help='folder of the run')
    add('--init', help='.safetensors to start from instead of random weights')
    add('--resume', action='store_true', help='go on from the checkpoint in the folder of the run')
    add('--size', type=int, default=227, help='side of the input, pixels: 131 trains three times as fast, 227 is the network that is shipped')
    add('--epochs', type=float, default=90)
    add('--steps', type=int, help='stop after this many steps, whatever the epochs (the schedule is that of the epochs)')
    add('--batch', type=int, default=128, help='pictures a step, of all processes together')
    add('--lr', type=float, default=0.01)
    add('--last-lr', type=float, default=0.0, help='what the cosine ends at')
    add('--schedule', choices=['cosine', 'paper'], default='cosine', help='paper: divided by ten three times, at 1/3, 2/3 and 8/9')
    add('--warm-up', type=int, default=500, help='steps')
    add('--momentum', type=float, default=0.9)
    add('--weight-decay', type=float, default=5e-4)
    add('--label-smoothing', type=float, default=0.1)
    add('--mixup', type=float, default=0.0, help='alpha of the Beta distribution; 0 is off')
    add('--min-crop', type=int, default=CROP, help=f'side of the smallest crop; below {CROP} it is drawn from here to {TILE}')
    add('--ema', type=float, default=0.0, help='decay a step of the averaged weights that are evaluated and written; 0 is off')
    add('--weight-init', choices=['he', 'paper'], default='he')
    add('--dropout', type=float, default=0.5)
    add('--no-lrn', action='store_true')
    add('--no-overlap', action='store_true', help='2 x 2 pooling')
    add('--towers', type=int, choices=[1, 2], default=2)
    add('--classes', type=int, default=200, help='the first so many classes only')
    add('--per-class', type=int, help='the first so many training pictures of each class only; the rest is evaluated too, as `unseen`')
    add('--cache', help='folder that keeps the decoded sheets')
    add('--precision', choices=['auto', 'float32', 'bfloat16'], default='auto', help='of the products; the weights are float32')
    add('--threads', type=int, help='CPU threads')
    add('--seed', type=int, default=1)
    add('--log-every', type=int, default=20, help='steps')
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
    model = AlexNet(
        len(labels), args.size, not args.no_lrn, not args.no_overlap, args.dropout, args.towers, args.weight_init
    )
    if args.init:
        load_set(args.init, model)
    model = model.to(device, memory_format=torch.channels_last)
    averaged = {k: v.detach().clone() for k, v in model.state_dict().items()} if args.ema else None
    optimizer = torch.optim.SGD(model.parameters(), args.lr, args.momentum, weight_decay=args.weight_decay, fused=True)

    step = 0
    checkpoint = args.out / 'checkpoint.pt'
    if args.resume:
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved['model'])
        optimizer.load_state_dict(saved['optimizer'])
        averaged, step = saved['averaged'], saved['step']
    parallel = torch.nn.parallel.DistributedDataParallel(model) if world > 1 else model

    count = len(train[0])
    an_epoch = count // args.batch
    steps = math.ceil(args.epochs * an_epoch)
    last = min(steps, args.steps or steps)
    mine = slice(rank * args.batch // world, (rank + 1) * args.batch // world)
    args.out.mkdir(parents=True, exist_ok=True)
    log = Log(args.out / 'log.jsonl' if rank == 0 else None, keep=args.resume)
    log(dict(command=vars(args), step=step, steps=steps, parameters=sum(p.numel() for p in model.parameters()), processes=world))
    saved_at = logged_at = time.time()
    logged_step, total_loss, order = step, torch.zeros((), device=device), None

    while step < last:
        epoch, place = divmod(step, an_epoch)
        if order is None or place == 0:
            order = torch.randperm(count, generator=torch.Generator().manual_seed(args.seed * 1_000_003 + epoch)).to(device)
        # Every random number of a step comes from here, drawn for the batch of all processes: a run resumes as if never stopped
        generator = torch.Generator(device).manual_seed(args.seed * 1_000_003 + step)
        draw = lambda n: torch.rand(args.batch, n, generator=generator, device=device)[mine]
        model.drop6.draw = model.drop7.draw = draw

        chosen = order[place * args.batch : (place + 1) * args.batch][mine]
        views = augmented(train[0][chosen], args.size, draw, colours, args.min_crop).contiguous(memory_format=torch.channels_last)
        targets = F.one_hot(train[1][chosen], len(labels)).float()
        if args.mixup:
            views, targets = mixed_up(views, targets, args.mixup, generator)
        rate = learning_rate(step, steps, args)
        for group in optimizer.param_groups:
            group['lr'] = rate
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            logits = parallel(views)
        loss = F.cross_entropy(logits.float(), targets, label_smoothing=args.label_smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        total_loss += loss.detach()
        if averaged:
            for name, value in model.state_dict().items():
                averaged[name].lerp_(value, 1 - min(args.ema, step / (step + 10)))

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
        if rank == 0 and (step % an_epoch == 0 or step == last or time.time() - saved_at > args.checkpoint_every):
            state = dict(model=model.state_dict(), optimizer=optimizer.state_dict(), averaged=averaged, step=step)
            torch.save(state, checkpoint.with_suffix('.part'))
            checkpoint.with_suffix('.part').rename(checkpoint)
            saved_at = time.time()
        if rank == 0 and (step % an_epoch == 0 or step == last):
            shown = with_weights(model, averaged)
            result = {'validation': evaluate(shown, *validation, args.size, bfloat16)}
            if unseen:
                result['unseen'] = evaluate(shown, *unseen, args.size, bfloat16)
            log(dict(step=step, epoch=round(step / an_epoch, 3), **result))
            logged_at = time.time()

    if rank == 0:
        trained = with_weights(model, averaged)
        clean_conv1(trained, centre(train[0][:: max(1, count // 64)][:64], args.size))
        log(dict(step=step, cleaned=evaluate(trained, *validation, args.size, bfloat16)))
        save_set(args.out / 'weights.safetensors', trained, about(args, labels))
    if world > 1:
        dist.destroy_process_group()


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


def learning_rate(step, steps, args):
    if step < args.warm_up:
        return args.lr * (step + 1) / args.warm_up
    done = (step - args.warm_up) / max(1, steps - args.warm_up)
    if args.schedule == 'paper':
        return args.lr / 10 ** sum(done >= part for part in (1 / 3, 2 / 3, 8 / 9))
    return args.last_lr + (args.lr - args.last_lr) * (1 + math.cos(math.pi * done)) / 2


def mixed_up(views, targets, alpha, generator):
    """Each view with another of the batch, in a proportion drawn from Beta(alpha, alpha) once a step."""
    torch_beta = torch.distributions.Beta(alpha, alpha)
    with torch.random.fork_rng():
        torch.manual_seed(generator.initial_seed())
        part = torch_beta.sample().item()
    other = torch.randperm(len(views), generator=generator, device=views.device)
    return views.lerp(views[other], 1 - part), targets.lerp(targets[other], 1 - part)


@torch.no_grad()
def evaluate(model, images, classes, size, bfloat16, batch=250):
    """Top-1 and top-5 of the centre crop, in percent."""
    was = model.training
    model.eval()
    right = torch.zeros(2)
    for start in range(0, len(images), batch):
        views = centre(images[start : start + batch], size).contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
            best = model(views).float().topk(5).indices
        hit = best == classes[start : start + batch, None]
        right += torch.tensor([hit[:, 0].sum().item(), hit.any(1).sum().item()])
    model.train(was)
    top1, top5 = (100 * right / len(images)).tolist()
    return dict(top1=round(top1, 2), top5=round(top5, 2), pictures=len(images))


def with_weights(model, averaged):
    """The model, or a copy of it with the averaged weights."""
    if not averaged:
        return model
    shown = copy.deepcopy(model)
    shown.load_state_dict(averaged)
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
