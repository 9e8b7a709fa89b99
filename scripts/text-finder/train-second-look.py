#!/usr/bin/env python3
"""Trains the classifier of src/pixels/find/second-look.ts on what dump-strips.ts wrote:

    train-second-look.py TRAINING,... HELD-OUT [STEPS [--start]]

With --start the weights that are there are trained further.

A net over the pixels of a box (strip-net.ts) and one hidden layer over what it sees and the traits of the box learn together. `threshold` is
what the finder itself throws out: where one box with text in 200 of the held-out ones goes, or 0.02. How likely a box must be that cannot be
read either is said in src/pixels/risk.ts; the table that this prints tells what that costs. Needs numpy and PyTorch.
"""
import base64
import os
import re
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional

HIDDEN = 24
TRAITS = 32
LAYERS = [(1, 12, 2), (12, 16, 2), (16, 24, 1)]
BATCH = 64
# Boxes are drawn for so many batches at once and sorted by size: those of a batch are filled up to the largest of them.
DRAWN_BATCHES = 8
NOISE = 0.1
LOST = 0.005
WEIGHTS = os.path.join(os.path.dirname(__file__), '../../src/pixels/find/second-look-weights.ts')

random = numpy.random.default_rng(3)
torch.manual_seed(3)
torch.set_num_threads(1)


class Boxes:
    """What dump-strips.ts wrote: label, weight, size and traits of each box, and its pixels in 32nds of a deviation."""

    def __init__(self, names):
        tables = [numpy.loadtxt(name + '.csv', delimiter=',', dtype=numpy.float32) for name in names.split(',')]
        table = numpy.concatenate(tables)
        self.label, self.weight, self.traits = table[:, 0], table[:, 1], table[:, 4:]
        self.sizes = table[:, 2:4].astype(int)
        self.pixels = numpy.concatenate([numpy.fromfile(name + '.bin', numpy.int8) for name in names.split(',')])
        self.ends = numpy.cumsum(self.sizes.prod(1))
        assert self.ends[-1] == len(self.pixels)

    def __len__(self):
        return len(self.label)

    def batch(self, indices, augment):
        columns, rows = self.sizes[indices].max(0)
        x = numpy.zeros((len(indices), 1, rows, columns), numpy.float32)
        inside = numpy.zeros_like(x)
        for place, index in enumerate(indices):
            width, height = self.sizes[index]
            patch = self.pixels[self.ends[index] - width * height : self.ends[index]].reshape(height, width) / 32.0
            if augment:
                patch = patch[:: random.choice([1, -1]), :: random.choice([1, -1])]
                if random.random() < 0.3:
                    patch = patch + random.choice([0.05, 0.15, 0.3]) * random.standard_normal(patch.shape)
            x[place, 0, :height, :width] = patch
            inside[place, 0, :height, :width] = 1
        return torch.from_numpy(x), torch.from_numpy(inside)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(inputs, outputs, 3, stride, 1) for inputs, outputs, stride in LAYERS)
        self.hidden = nn.Linear(TRAITS + 2 * LAYERS[-1][1], HIDDEN)
        self.output = nn.Linear(HIDDEN, 1)

    def forward(self, x, inside, traits):
        for convolution, (_, _, stride) in zip(self.convolutions, LAYERS):
            # Beyond the edges of a box there are zeros in every layer.
            inside = inside[:, :, ::stride, ::stride]
            x = functional.relu(convolution(x)) * inside
        mean, most = x.sum((2, 3)) / inside.sum((2, 3)), x.amax((2, 3))
        return self.output(functional.relu(self.hidden(torch.cat([traits, mean, most], 1))))[:, 0]


def judge(net, boxes):
    parts = []
    with torch.no_grad():
        for start in range(0, len(boxes), 256):
            indices = numpy.arange(start, min(start + 256, len(boxes)))
            parts.append(torch.sigmoid(net(*boxes.batch(indices, False), normalised(boxes, indices))).numpy())
    return numpy.concatenate(parts)


def normalised(boxes, indices):
    return torch.from_numpy((boxes.traits[indices] - mean) / deviation)


def report(net):
    """Prints what limits cost, and gives the one that the finder takes."""
    for name, boxes in (('training', training), ('held out', held_out)):
        probability = judge(net, boxes)
        text, other = numpy.sort(probability[boxes.label > 0]), probability[boxes.label == 0]
        threshold = min(0.02, float(text[int(len(text) * LOST)]))
        print(name)
        for limit in (threshold, *(text[int(len(text) * part)] for part in (0.001, 0.005, 0.01, 0.02)), 0.1, 0.2, 0.3, 0.5, 0.9):
            print(f'{limit:.4f}: of {len(text)} boxes with text {100 * numpy.mean(text < limit):.2f} % go, of {len(other)} without {100 * numpy.mean(other < limit):.1f} %', flush=True)
    return threshold


def read_weights(net):
    """Takes over the weights that are there, and what they were normalised by."""
    values = numpy.frombuffer(base64.b64decode(re.search(r"values:\s*'([^']+)'", open(WEIGHTS).read()).group(1)), '<f4').copy()
    position = 0

    def take(*shape):
        nonlocal position
        count = int(numpy.prod(shape))
        position += count
        return torch.from_numpy(values[position - count : position].reshape(shape))

    with torch.no_grad():
        for convolution, (inputs, outputs, _) in zip(net.convolutions, LAYERS):
            convolution.weight.copy_(take(3, 3, inputs, outputs).permute(3, 2, 0, 1))
            convolution.bias.copy_(take(outputs))
        mean[:], deviation[:] = take(TRAITS).numpy(), take(TRAITS).numpy()
        for layer in (net.hidden, net.output):
            layer.weight.copy_(take(*layer.weight.shape))
            layer.bias.copy_(take(*layer.bias.shape))


training, held_out = Boxes(sys.argv[1]), Boxes(sys.argv[2])
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
mean, deviation = training.traits.mean(0), training.traits.std(0) + 1e-3
weight = training.weight.copy()
for label in (0, 1):
    weight[training.label == label] /= 2 * weight[training.label == label].sum()
net = Net()
peak = 4e-3
if '--start' in sys.argv:
    read_weights(net)
    peak = 1.5e-3
    report(net)
optimizer = torch.optim.AdamW(net.parameters(), peak, weight_decay=0.05)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps, pct_start=0.1)
drawn = []
for step in range(steps):
    if not drawn:
        pool = random.choice(len(training), DRAWN_BATCHES * BATCH, p=weight)
        drawn = numpy.array_split(pool[numpy.argsort(training.sizes[pool].prod(1))], DRAWN_BATCHES)
        random.shuffle(drawn)
    indices = drawn.pop()
    traits = normalised(training, indices)
    logits = net(*training.batch(indices, True), traits + NOISE * torch.randn_like(traits))
    # Labels are not quite sure: a box may hold both.
    target = torch.from_numpy(training.label[indices]) * 0.98 + 0.01
    loss = functional.binary_cross_entropy_with_logits(logits, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if step % 250 == 249:
        print(step + 1, f'{loss.item():.4f}', flush=True)
threshold = report(net)
flat = lambda tensor: tensor.detach().numpy().ravel()
values = []
for convolution in net.convolutions:
    values += [convolution.weight.detach().numpy().transpose(2, 3, 1, 0).ravel(), flat(convolution.bias)]
values += [mean, deviation, flat(net.hidden.weight), flat(net.hidden.bias), flat(net.output.weight), flat(net.output.bias)]
encoded = base64.b64encode(numpy.concatenate(values).astype('<f4').tobytes()).decode()
with open(WEIGHTS, 'w') as file:
    file.write(
        '// Written by scripts/text-finder/train-second-look.py: the classifier of second-look.ts. Values are 32-bit floats, little endian, in base64.\n'
        f"export const SECOND_LOOK = {{\n  hidden: {HIDDEN},\n  threshold: {threshold:.5f},\n  values:\n    '{encoded}',\n}} as const;\n"
    )
