"""
Trains AlexNet on pictures of several resolutions, from labels and from the teacher's predictions.

    python teacher.py data -o cache
    python train.py data --cache cache --init <set> -o run --minutes 90
    torchrun --nproc_per_node 2 train.py data --cache cache --init <set> -o run --minutes 90
    python train.py data --cache cache --init <set> -o run --minutes 90 --resume
    python train.py data --cache cache -o run --export

Writes run/log.jsonl, run/checkpoint.pt and, at the end, run/dense.safetensors: the averaged
network with batch normalization folded into its weights. --export writes that from a checkpoint.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import torch

import batches
import runtime
from batches import Batches
from data import SOURCES, Source, load_classes
from measure import HeldOut, measure
from network import AlexNet, resize_fc6
from optimizer import Masks, make_optimizer
from runtime import Log, Runtime, wait_while_exists
from weights import describe, load, save_safetensors

AVERAGE_EVERY = 4  # steps between two updates of the averaged weights
PRUNE_EVERY = 10  # steps
START_BATCHES = 6  # for the statistics of batch normalization, and as many for the masks


def arguments(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('data', type=Path, help='folder of the pictures; its layout is in README.md')
    add('--cache', type=Path, required=True, help='decoded pictures, predictions of the teacher')
    add('-o', '--out', type=Path, required=True, help='folder of the run')
    add('--init', help='set or .safetensors to start from; random weights without it')
    add('--resume', action='store_true', help='continue from the checkpoint in the folder')
    add('--export', action='store_true', help='write dense.safetensors from the checkpoint, stop')
    end = parser.add_mutually_exclusive_group()
    end.add_argument('--steps', type=int, help='length of the run')
    end.add_argument('--minutes', type=float, help='length of the run; the schedule is by time')
    end.add_argument('--until', type=float, help='end of the run, seconds since 1970')
    add('--stop-after', type=int, help='stop at this step, with the schedule of the whole run')
    add('--pause-file', type=Path, help='training sleeps while this file exists')
    add('--size', type=int, default=227, help='side of the input in pixels')
    add('--small-size', type=int, help='side of the input at first: 131 and 163 are faster')
    add('--small-until', type=float, default=0.66, help='share of the run at --small-size')
    add('--optimizer', choices=['lamb', 'sgd'], default='lamb')
    add('--learning-rate', type=float, default=0.0016)
    add('--head-factor', type=float, default=2.0, help='multiplies the learning rate of the heads')
    add('--warm-up', type=int, default=30, help='steps')
    add('--momentum', type=float, default=0.9, help='sgd only')
    add('--weight-decay', type=float, default=5e-4, help='sgd only')
    add('--clip', type=float, default=3.0, help='largest norm of the gradient, sgd only')
    add('--no-batch-norm', action='store_true')
    add('--dropout', type=float, default=0.2)
    add('--teacher-weight', type=float, default=0.5, help="weight of the second head's loss")
    add('--cutmix-until', type=float, default=0.85, help='share of the run')
    add('--density', type=float, default=0.3, help='of fc6 and fc7, if --init is a pruned set')
    add('--final-density', type=float, default=0.12)
    add('--prune-from', type=float, default=0.68, help='share of the run')
    add('--prune-until', type=float, default=0.9, help='share of the run')
    add('--leave-out', nargs='+', default=[], metavar='WNID', help='classes not to train on')
    add('--ema', type=float, default=0.997, help='decay per step of the averaged weights')
    add('--compile', action='store_true', help='torch.compile the convolutions')
    add('--log-every', type=int, default=20, help='steps')
    add('--measure-every', type=float, default=20, help='minutes')
    add('--checkpoint-every', type=float, default=10, help='minutes')
    batches.add_arguments(parser, batch_size=[72, 16, 16, 24], cutmix=0.2)
    runtime.add_arguments(parser)
    args = parser.parse_args(argv)
    if not (args.export or args.steps or args.minutes or args.until):
        parser.error('one of --steps, --minutes or --until must be given')
    args.small_size = args.small_size or args.size
    return args


class Trainer:
    """
    The state of a run: network, optimizer, averaged weights, masks, and how far it is.

    average: the exponential moving average of all weights and batch statistics, by name.
    size: side of the input at this stage. seconds: of training so far. seen: views so far.
    """

    def __init__(self, args, run, batches):
        self.args, self.run, self.batches = args, run, batches
        self.step, self.seen, self.seconds, self.size = 0, 0, 0.0, args.small_size
        self.checkpoint = args.out / 'checkpoint.pt'
        saved = None
        if args.resume:
            saved = torch.load(self.checkpoint, map_location=run.device, weights_only=True)
            self.step, self.seen, self.seconds, self.size = (
                saved[key] for key in ('step', 'seen', 'seconds', 'size')
            )
        heads = batches.classes, batches.teacher_classes
        torch.manual_seed(args.seed)  # of weights that --init does not have
        if args.init:
            self.model, _ = load(args.init, args.size, args.dropout, heads[1], heads[0])
        else:
            self.model = AlexNet(heads[0], args.size, args.dropout, heads[1])
        self.initial_fc6 = self.model.fc6.weight.detach().clone()  # for inputs of the final size
        self.model.grow(self.size)
        self.model.to(run.device, memory_format=torch.channels_last)
        if saved:
            self._restore(saved)
        else:
            self._start()
        self._compile()

    def _start(self):
        """Adds batch normalization and chooses the masks."""
        args, run, model = self.args, self.run, self.model

        def start_batch(i):
            return self.batches(i, self.size, 0, seed=args.seed + 1_000_000, all_pictures=True)

        if not args.no_batch_norm:
            inputs = [start_batch(i)[0] for i in range(START_BATCHES)]
            with run.autocast():
                model.add_equivalent_batch_norm(inputs)
            del inputs
        model.to(memory_format=torch.channels_last).train()
        for i in range(START_BATCHES, 2 * START_BATCHES):
            x, targets, _ = start_batch(i)
            with run.autocast():
                logits = model(x)
            cross_entropy(logits, targets).backward()
        self.masks = Masks.by_gradient(model, args.density)
        model.zero_grad()
        run.broadcast(model.state_dict().values())
        run.broadcast(self.masks.masks.values())
        self.start_density = self.density = max(args.density, *self.masks.density().values())
        self.optimizer = self._make_optimizer()
        self.average = {k: v.clone() for k, v in self.weights().items()}

    def _restore(self, saved):
        model = self.model
        if any(name.startswith('norms.') for name in saved['model']):
            model.add_batch_norm()
        model.load_state_dict(saved['model'])
        model.to(memory_format=torch.channels_last).train()
        self.optimizer = self._make_optimizer()
        self.optimizer.load_state_dict(saved['optimizer'])
        self.average, self.masks = saved['average'], Masks(saved['masks'])
        self.density, self.start_density = saved['density'], saved['start_density']

    def _make_optimizer(self):
        args = self.args
        return make_optimizer(
            self.model,
            args.optimizer,
            args.learning_rate,
            args.head_factor,
            args.momentum,
            args.weight_decay,
        )

    def _compile(self):
        self.features = self.model.features
        if self.args.compile:
            self.features = torch.compile(self.model.features, dynamic=False)

    def weights(self):
        """All weights and batch statistics by name, not copied."""
        state = self.model.state_dict()
        return {name: value for name, value in state.items() if value.is_floating_point()}

    def train_step(self, done):
        """One step with `done` of the run (0 to 1) behind it. Returns the losses and the norm."""
        args, run, model = self.args, self.run, self.model
        if self.size != args.size and done >= args.small_until:
            self.grow()
        warm_up = min(1, (self.step + 1) / args.warm_up)
        learning_rate = args.learning_rate * warm_up * (1 + math.cos(math.pi * done)) / 2
        for group in self.optimizer.param_groups:
            group['lr'] = learning_rate * group['factor']
        cutmix = args.cutmix if done < args.cutmix_until else 0
        x, targets, teacher_targets = self.batches(self.step, self.size, cutmix)
        torch.manual_seed((args.seed * 1_000_003 + self.step) * run.world + run.rank)  # dropout
        with run.autocast():
            logits, teacher_logits = model.both_heads(self.features(x))
        loss = cross_entropy(logits, targets)
        teacher_loss = cross_entropy(teacher_logits, teacher_targets)
        self.optimizer.zero_grad()
        (loss + args.teacher_weight * teacher_loss).backward()
        run.average([p.grad for p in model.parameters()])
        self.masks.mask_gradients(model)
        clip = args.clip if args.optimizer == 'sgd' else math.inf
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        self.optimizer.step()
        run.average([b for name, b in model.named_buffers() if 'running' in name])
        self._prune(done)
        self.step += 1
        self.seen += len(x) * run.world
        if self.step % AVERAGE_EVERY == 0:
            decay = min(args.ema, self.step / (self.step + 20)) ** AVERAGE_EVERY
            for name, value in self.weights().items():
                self.average[name].lerp_(value, 1 - decay)
        # The rows of the teacher's targets that count differ between batches: per row for the log
        rows = teacher_targets.sum() / len(x)
        return torch.stack([loss.detach(), teacher_loss.detach() / rows.clamp_min(1e-6), norm])

    def _prune(self, done):
        """Lowers the density of fc6 and fc7 along a cubic (Zhu and Gupta, 2017)."""
        args = self.args
        if self.step % PRUNE_EVERY or done < args.prune_from or self.density <= args.final_density:
            return
        part = min(1, (done - args.prune_from) / (args.prune_until - args.prune_from))
        excess = (self.start_density - args.final_density) * (1 - part) ** 3
        self.density = min(self.density, args.final_density + excess)
        self.masks = Masks.by_magnitude(self.model, self.density)
        self.masks.mask_weights(self.model, self.average, self.optimizer)

    @torch.no_grad()
    def grow(self):
        """
        Goes from --small-size to --size. What fc6 learned is added to its initial weights for the
        large input, which keep their finer detail. The optimizer's state is kept, except fc6's.
        """
        model = self.model
        start = resize_fc6(self.initial_fc6, model.side).to(self.run.device)
        initial = self.initial_fc6.to(self.run.device)
        small, side = model.fc6.weight.detach(), math.isqrt(initial.shape[1] // 256)
        states = {n: self.optimizer.state.get(p) for n, p in model.named_parameters()}
        model.grow(self.args.size)
        model.fc6.weight.copy_(initial + resize_fc6(small - start, side))
        average = self.average['fc6.weight']
        self.average['fc6.weight'] = initial + resize_fc6(average - start, side)
        self.optimizer = self._make_optimizer()
        for name, p in model.named_parameters():
            if states.get(name) and name != 'fc6.weight':
                self.optimizer.state[p] = states[name]
        if self.args.optimizer == 'sgd':  # PyTorch's wants a momentum for all or for none
            momentum = torch.zeros_like(model.fc6.weight)
            self.optimizer.state[model.fc6.weight]['momentum_buffer'] = momentum
        self.size = self.args.size
        self.masks = Masks.by_magnitude(model, self.density)
        self.masks.mask_weights(model, self.average, self.optimizer)
        self._compile()

    def save(self):
        """Writes the checkpoint; an interrupted write leaves the previous one."""
        part = self.checkpoint.with_suffix('.part')
        state = dict(
            model=self.model.state_dict(),
            optimizer=self.optimizer.state_dict(),
            average=self.average,
            masks=self.masks.masks,
        )
        for key in ('step', 'seen', 'seconds', 'size', 'density', 'start_density'):
            state[key] = getattr(self, key)
        torch.save(state, part)
        part.rename(self.checkpoint)

    def averaged(self):
        """A copy of the network with the averaged weights, in eval mode."""
        model = copy.deepcopy(self.model)
        model.load_state_dict(self.average, strict=False)  # the average lacks counts of batches
        return model.eval()

    def log_accuracy(self, held_out, log):
        """Logs the accuracy of the averaged network on held-out pictures."""
        accuracy = measure(self.averaged(), held_out, self.size, self.run)
        log(step=self.step, seen=self.seen, size=self.size, measured=accuracy)


def cross_entropy(logits, targets):
    """Mean over the batch, with probabilities as targets whose rows may sum to less than 1."""
    return -(targets * logits.float().log_softmax(1)).sum(1).mean()


def export(args):
    """Writes dense.safetensors from the checkpoint. Needs the classes, but no pictures."""
    saved = torch.load(args.out / 'checkpoint.pt', map_location='cpu', weights_only=True, mmap=True)
    average, classes = saved['average'], load_classes(args.data)
    teacher_classes = average['teacher_head.bias'].numel()
    hidden = average['fc7.bias'].numel()
    model = AlexNet(len(classes), saved['size'], 0.0, teacher_classes, hidden)
    if 'norms.conv1.weight' in average:
        model.add_batch_norm()
    model.load_state_dict(average, strict=False)
    if saved['size'] != args.size:
        print(f'The checkpoint is for {saved["size"]} pixels; fc6 is converted to {args.size}.')
        model.grow(args.size)
    about = describe(classes, saved['seen'], args.size, hidden)
    save_safetensors(args.out / 'dense.safetensors', model.eval().folded(), about)


def load_sources(args, run):
    """All sources by name. Process 0 decodes the sheets, the others then read its cache."""
    with run.first_process_first():
        names = (*SOURCES, 'tiny-val')
        sources = {name: Source(args.data, name, args.cache, run.device) for name in names}
    position = {c['wnid']: i for i, c in enumerate(load_classes(args.data))}
    unknown = [wnid for wnid in args.leave_out if wnid not in position]
    if unknown:
        raise SystemExit(f'--leave-out: must be WordNet ids of the classes, got {unknown[0]}.')
    for source in sources.values():
        source.leave_out([position[wnid] for wnid in args.leave_out])
    return sources


def train(args, run, trainer, held_out, log):
    """Trains until the end of the run or --stop-after. Returns whether the end was reached."""
    began = time.time() - trainer.seconds
    end = args.until or began + 60 * (args.minutes or math.inf)
    logged = measured = saved = time.time()
    sums, count = torch.zeros(3, device=run.device), 0
    while True:
        paused = wait_while_exists(args.pause_file if run.rank == 0 else None)
        began, logged = began + paused, logged + paused
        end += 0 if args.until else paused
        trainer.seconds = time.time() - began
        done = trainer.step / args.steps if args.steps else trainer.seconds / (end - began)
        done = run.agree(done)  # all processes stop at the same step
        if done >= 1 or (args.stop_after and trainer.step >= args.stop_after):
            return done >= 1
        sums += trainer.train_step(done)
        count += 1
        if trainer.step % args.log_every == 0:
            run.average([sums])
            loss, teacher_loss, norm = (sums / count).tolist()
            speed = count * sum(args.batch_size) / (time.time() - logged)
            log(
                step=trainer.step,
                seen=trainer.seen,
                minutes=round((time.time() - began) / 60, 2),
                done=round(done, 4),
                loss=round(loss, 5),
                teacher_loss=round(teacher_loss, 5),
                gradient_norm=round(norm, 2),
                density=round(trainer.density, 3),
                views_per_second=round(speed, 1),
            )
            if not math.isfinite(loss):
                raise SystemExit('The loss is not finite. Lower --learning-rate, then --resume.')
            sums.zero_()
            count, logged = 0, time.time()
        if run.rank == 0 and time.time() - saved > 60 * args.checkpoint_every:
            trainer.save()
            saved = time.time()
        if run.rank == 0 and time.time() - measured > 60 * args.measure_every:
            trainer.log_accuracy(held_out, log)
            measured = logged = time.time()


def main(argv=None):
    args = arguments(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.export:
        return export(args)
    run = Runtime(args)
    sources = load_sources(args, run)
    held_out = HeldOut(args.data, sources, every=5)
    log = Log(args.out / 'log.jsonl', run.rank, args.resume)
    trainer = Trainer(args, run, Batches(args, sources, run))
    log(
        options=vars(args),
        processes=run.world,
        device=str(run.device),
        pictures={name: len(sources[name].training) for name in SOURCES},
        held_out={name: len(labels) for name, (_, labels) in held_out.sets.items()},
        predictions=[name for name in SOURCES if sources[name].predictions is not None],
        density=trainer.masks.density(),
        step=trainer.step,
    )
    ended = train(args, run, trainer, held_out, log)
    difference = run.spread(trainer.weights().values())
    log(step=trainer.step, difference_between_processes=difference)
    if run.rank == 0:
        trainer.save()
        if ended:
            if trainer.size != args.size:
                trainer.grow()
            trainer.log_accuracy(held_out, log)
            plain, classes = trainer.averaged().folded(), load_classes(args.data)
            about = describe(classes, trainer.seen, args.size, plain.fc7.out_features)
            save_safetensors(args.out / 'dense.safetensors', plain, about)
    run.close()


if __name__ == '__main__':
    main()
