"""LAMB, and the sparsity masks of fc6 and fc7."""

import torch

PRUNED = ('fc6', 'fc7')


class Lamb(torch.optim.Optimizer):
    """
    LAMB (You et al., 2020): the direction of Adam, scaled so that each step's length is the
    learning rate times the norm of the layer's weights. Without bias correction and weight decay;
    the norm of biases and of batch normalization counts as at least 0.1.
    """

    def __init__(self, groups, learning_rate, betas=(0.9, 0.98)):
        super().__init__(groups, dict(lr=learning_rate, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group['betas']
            for p in group['params']:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state['mean'], state['square'] = torch.zeros_like(p), torch.zeros_like(p)
                state['mean'].lerp_(p.grad, 1 - beta1)
                state['square'].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                direction = state['mean'] / (state['square'].sqrt() + 1e-12)
                length = p.norm() if p.dim() > 1 else p.norm().clamp_min(0.1)
                direction *= length / direction.norm().clamp_min(1e-12)
                p.add_(direction, alpha=-group['lr'])


def make_optimizer(model, kind, learning_rate, head_factor=1.0, momentum=0.9, weight_decay=5e-4):
    """
    'lamb' or 'sgd' with three groups: weights, biases and batch normalization (no weight decay),
    and both heads, whose learning rate is multiplied by `head_factor`.
    """
    heads = [*model.fc8.parameters(), *model.teacher_head.parameters()]
    in_heads = {id(p) for p in heads}
    others = [p for p in model.parameters() if id(p) not in in_heads]
    groups = [
        dict(params=[p for p in others if p.dim() > 1], factor=1.0),
        dict(params=[p for p in others if p.dim() == 1], factor=1.0, weight_decay=0.0),
        dict(params=heads, factor=head_factor),
    ]
    if kind == 'lamb':
        return Lamb(groups, learning_rate)
    return torch.optim.SGD(
        groups, learning_rate, momentum, weight_decay=weight_decay, nesterov=True, fused=True
    )


@torch.no_grad()
def largest(score, density):
    """bool: True for the largest `density` (0 to 1) of the scores, estimated on a sample."""
    if density >= 1:
        return torch.ones_like(score, dtype=torch.bool)
    sample = score.flatten()[:: max(1, score.numel() // 2_000_000)]
    rank = max(1, min(len(sample), round((1 - density) * len(sample))))
    return score > sample.kthvalue(rank).values


class Masks:
    """Which weights of fc6 and fc7 may differ from zero: bool tensors by layer name."""

    def __init__(self, masks):
        self.masks = masks

    @classmethod
    def by_gradient(cls, model, density):
        """
        All nonzero weights, and of the zeros those with the largest gradients (Evci et al., 2020),
        up to `density`. A pruned network starts with room to grow, and stays easy to prune.
        """
        masks = {}
        for name in PRUNED:
            weight = getattr(model, name).weight
            score = weight.grad.abs() / weight.grad.abs().max().clamp_min(1e-30)
            score[weight != 0] += 1
            nonzero = (weight != 0).float().mean().item()
            masks[name] = largest(score, max(density, nonzero)) | (weight != 0)
        return cls(masks)

    @classmethod
    def by_magnitude(cls, model, density):
        """The largest weights."""
        return cls({n: largest(getattr(model, n).weight.abs(), density) for n in PRUNED})

    def mask_gradients(self, model):
        for name, mask in self.masks.items():
            getattr(model, name).weight.grad.mul_(mask)

    @torch.no_grad()
    def mask_weights(self, model, average, optimizer):
        """Zeroes masked weights, their average and their momentum; they stay zero from then on."""
        for name, mask in self.masks.items():
            weight = getattr(model, name).weight
            state = optimizer.state.get(weight, {})
            momentum = [state[key] for key in ('mean', 'momentum_buffer') if key in state]
            for tensor in (weight, average[f'{name}.weight'], *momentum):
                tensor.mul_(mask)

    def density(self):
        """The share of ones, by layer."""
        return {name: round(mask.float().mean().item(), 3) for name, mask in self.masks.items()}
