"""Prints what `fusion_image.rs` and `consistency.rs` are compared with. Needs PyTorch only: python3 fusion.py > fusion.txt

Written from AMDANet's formulas (Eqs. 13 and 15, and its code's weights), independently of the Rust code. A line is the name of
a case, its value, and its gradient with respect to the first input.
"""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
IGNORE = 255


def draws(shape, seed):
    """Numbers of 0 to 1 by a linear congruential generator, as `check.rs` draws them."""
    state, values = seed, []
    for _ in range(torch.Size(shape).numel()):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31)
    return torch.tensor(values).to(torch.float32).to(torch.float64).reshape(shape)


def report(name, loss, at):
    value = loss(at.requires_grad_())
    value.backward()
    print(name, f"{value.item():.8g}", " ".join(f"{slope:.6g}" for slope in at.grad.flatten().tolist()))


def images(case):
    """A fused image, a visible and an infrared one; the last columns are padding, different in each case."""
    shape = (2, 3, 4, 5 + case)
    fused, visible, infrared = (draws(shape, 10 * case + index + 1) for index in range(3))
    infrared = infrared[:, :1].expand(shape).clone()
    for image in (visible, infrared):
        image[0, :, :, 5:] = 0
        image[1, :, 3:, :] = 0
    valid = (torch.maximum(visible, infrared).amax(1, keepdim=True) > 0).double()
    return fused, visible, infrared, valid


def nabla(image):
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    up = torch.tensor([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])
    channels = image.shape[1]
    return [F.conv2d(image, kernel.expand(channels, 1, 3, 3), padding=1, groups=channels) for kernel in (across, up)]


def ycrcb(image):
    red, green, blue = image.unbind(1)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    return grey, (red - grey) * 0.713 + 0.5, (blue - grey) * 0.564 + 0.5


def contrast(image, factor):
    mean = ycrcb(image)[0].mean((1, 2)).reshape(-1, 1, 1, 1)
    return (factor * image + (1 - factor) * mean).clamp(0, 1)


for case in range(3):
    fused, visible, infrared, valid = images(case)
    bright = visible**0.8

    def paper(fused):
        both = zip(nabla(fused * valid), nabla(torch.maximum(visible, infrared)))
        return torch.stack([(f - target).abs() for f, target in both]).mean()

    def code(fused, factor=1.0):
        infra = contrast(infrared, factor) * valid
        loss = 0.5 * F.l1_loss(fused * valid, torch.maximum(bright, infra))
        for f, v, r in zip(nabla(fused * valid), nabla(bright), nabla(infra)):
            loss = loss + 0.5 * F.l1_loss(f, torch.maximum(v, r))
        return loss

    def colour(fused):
        _, cr, cb = ycrcb(fused * valid)
        _, target_cr, target_cb = ycrcb(bright)
        return F.l1_loss(cr, target_cr) + F.l1_loss(cb, target_cb)

    report(f"salient.paper.{case}", paper, fused.clone())
    report(f"salient.code.{case}", code, fused.clone())
    report(f"salient.contrast.{case}", lambda fused: code(fused, 1.7), fused.clone())
    report(f"colour.{case}", colour, fused.clone())

    # Four classes, of which one is absent from the labels; a third of the pixels is ignored.
    masked, clean = (draws((2, 4, 3, 4), 100 + 2 * case + index) * 6 - 3 for index in range(2))
    labels = (draws((2, 3, 4), 200 + case) * 3).long()
    labels[draws((2, 3, 4), 300 + case) < 1 / 3] = IGNORE

    def consistency(masked):
        counted = labels != IGNORE
        rows = lambda maps: maps.permute(0, 2, 3, 1)[counted]
        return F.cross_entropy(rows(masked), rows(clean.softmax(1)))

    report(f"consistency.clean.{case}", consistency, masked.clone())
    report(f"consistency.labels.{case}", lambda masked: F.cross_entropy(masked, labels, ignore_index=IGNORE), masked.clone())
