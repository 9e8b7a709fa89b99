#!/usr/bin/env python3
"""Trains the net of src/pixels/find/cell-net.ts on what dump-cells.ts wrote and writes src/pixels/find/weights.ts.

    train.py TRAINING,... HELD-OUT ROUNDS [--start]

TRAINING and HELD-OUT are the names given to dump-cells.ts, of different seeds. With --start the weights that are there are trained further.
Every so often the cells that the net gets wrong are collected, and almost half of the crops are taken around them from then on.
Needs numpy and PyTorch.
"""
import base64
import json
import os
import re
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

FEATURES = 16
CHANNELS = 24
REACHES = [1, 1, 2, 4]
CROP = 40
BATCH = 16
# Rounds between two searches for what the net gets wrong, and levels that are searched each time.
MINING_ROUNDS = 400
MINED_LEVELS = 250
LEVEL_WEIGHTS = [1.0, 0.6, 0.4]
TEXT, NO_TEXT, IGNORED = 1, 0, 255
# Features that swap places when a crop is mirrored, transposed, or bright and dark change places; see features() of kernels.as.
MIRROR = {2: 3, 3: 2, 6: 7, 7: 6}
TRANSPOSE = {0: 1, 1: 0, 4: 5, 5: 4, 10: 11, 11: 10}
INVERT = {0: 4, 1: 5, 2: 6, 3: 7, 4: 0, 5: 1, 6: 2, 7: 3, 8: 9, 9: 8, 12: 13, 13: 12}
ALIKE = [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9], [10, 11], [12, 13]]
WEIGHTS = os.path.join(os.path.dirname(__file__), '../../src/pixels/find/weights.ts')

random = numpy.random.default_rng(7)
torch.manual_seed(7)
torch.set_num_threads(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(FEATURES, CHANNELS, 3, padding=1)
        self.taps = nn.ModuleList(
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=reach, dilation=reach, groups=CHANNELS, bias=False) for reach in REACHES[1:]
        )
        self.mixes = nn.ModuleList(nn.Conv2d(CHANNELS, CHANNELS, 1) for _ in REACHES[1:])
        self.output = nn.Conv2d(CHANNELS, 1, 1)
        for tap in self.taps:
            nn.init.normal_(tap.weight, 0, 0.3)
            with torch.no_grad():
                tap.weight[:, :, 1, 1] += 0.5

    def forward(self, x):
        x = functional.relu(self.first(x))
        for tap, mix in zip(self.taps, self.mixes):
            x = functional.relu(mix(tap(x)))
        return self.output(x)[:, 0]


def swapped(pairs):
    return [pairs.get(index, index) for index in range(FEATURES)]


class Cells:
    """The levels of dumps, each as rows x columns x features."""

    def __init__(self, names):
        self.parts, self.features, self.labels = [], [], []
        for index, name in enumerate(names.split(',')):
            self.parts += [{**part, 'dump': index} for part in json.load(open(name + '.json'))]
            self.features.append(numpy.memmap(name + '.bin', numpy.float32, 'r').reshape(-1, FEATURES))
            self.labels.append(numpy.fromfile(name + '.labels', numpy.uint8))

    def level(self, part):
        end = part['position'] + part['rows'] * part['columns']
        shape = (part['rows'], part['columns'])
        features, labels = self.features[part['dump']], self.labels[part['dump']]
        return features[part['position'] : end].reshape(*shape, FEATURES), labels[part['position'] : end].reshape(shape)


training, held_out = Cells(sys.argv[1]), Cells(sys.argv[2])
rounds = int(sys.argv[3])
sample = numpy.array(training.features[0][numpy.sort(random.integers(0, len(training.features[0]), 100_000))])
mean, deviation = sample.mean(0), sample.std(0) + 1e-3


def read_weights(net):
    """Takes over the weights that are there; their values hold for features as they are, ours for normalised ones."""
    values = numpy.frombuffer(base64.b64decode(re.search(r"values:\s*'([^']+)'", open(WEIGHTS).read()).group(1)), '<f4').copy()
    position = 0

    def take(*shape):
        nonlocal position
        count = int(numpy.prod(shape))
        position += count
        return values[position - count : position].reshape(shape)

    outside = take(FEATURES)
    mean[:] = outside
    with torch.no_grad():
        weights, bias = take(3, 3, FEATURES, CHANNELS), take(CHANNELS)
        net.first.bias.copy_(torch.from_numpy(bias + (weights * mean[:, None]).sum((0, 1, 2))))
        net.first.weight.copy_(torch.from_numpy((weights * deviation[:, None]).transpose(3, 2, 0, 1).copy()))
        for tap, mix in zip(net.taps, net.mixes):
            tap.weight.copy_(torch.from_numpy(take(3, 3, CHANNELS).transpose(2, 0, 1)[:, None].copy()))
            mix.weight.copy_(torch.from_numpy(take(CHANNELS, CHANNELS).T[:, :, None, None].copy()))
            mix.bias.copy_(torch.from_numpy(take(CHANNELS)))
        net.output.weight.copy_(torch.from_numpy(take(CHANNELS)[None, :, None, None]))
        net.output.bias.copy_(torch.from_numpy(take(1)))


def write_weights(net):
    flat = lambda tensor: tensor.detach().numpy().ravel()
    weights = net.first.weight.detach().numpy() / deviation[None, :, None, None]
    values = [mean, weights.transpose(2, 3, 1, 0).ravel()]
    values.append(flat(net.first.bias) - (weights * mean[None, :, None, None]).sum((1, 2, 3)))
    for tap, mix in zip(net.taps, net.mixes):
        values.append(tap.weight.detach().numpy()[:, 0].transpose(1, 2, 0).ravel())
        values.append(mix.weight.detach().numpy()[:, :, 0, 0].T.ravel())
        values.append(flat(mix.bias))
    values += [flat(net.output.weight), flat(net.output.bias)]
    text = base64.b64encode(numpy.concatenate(values).astype('<f4').tobytes()).decode()
    with open(WEIGHTS, 'w') as file:
        file.write(
            '// Written by scripts/text-finder/train.py: the net of cell-net.ts. Values are 32-bit floats, little endian, in base64: the features of a cell\n'
            '// outside the picture, then for each layer taps (from the second on), weights and bias, then the output\'s weights and bias.\n'
            f'export const WEIGHTS = {{\n  channels: {CHANNELS},\n  features: {FEATURES},\n  reaches: {REACHES},\n  values:\n'
            f"    '{text}',\n}} as const;\n"
        )


def crop(part, at=None):
    features, labels = training.level(part)
    rows, columns = labels.shape
    height, width = min(CROP, rows), min(CROP, columns)
    texts = numpy.argwhere(labels == TEXT) if at is None and random.random() < 0.5 else []
    if len(texts):
        at = texts[random.integers(len(texts))]
    if at is None:
        top, left = random.integers(0, rows - height + 1), random.integers(0, columns - width + 1)
    else:
        top = int(numpy.clip(at[0] - random.integers(0, CROP), 0, rows - height))
        left = int(numpy.clip(at[1] - random.integers(0, CROP), 0, columns - width))
    x = numpy.zeros((CROP, CROP, FEATURES), numpy.float32)
    y = numpy.full((CROP, CROP), IGNORED, numpy.uint8)
    x[:height, :width] = (features[top : top + height, left : left + width] - mean) / deviation
    y[:height, :width] = labels[top : top + height, left : left + width]
    mirror = random.random()
    if mirror < 0.5:
        axis = 0 if mirror < 0.25 else 1
        x, y = numpy.flip(x, axis)[..., swapped(MIRROR)], numpy.flip(y, axis)
    if random.random() < 0.3:
        x, y = x.swapaxes(0, 1)[..., swapped(TRANSPOSE)], y.T
    if random.random() < 0.3:
        x = x[..., swapped(INVERT)]
    return numpy.ascontiguousarray(x), numpy.ascontiguousarray(y)


def judge(net, cells, part):
    features, labels = cells.level(part)
    x = ((features - mean) / deviation).transpose(2, 0, 1)[None].astype(numpy.float32)
    with torch.no_grad():
        return torch.sigmoid(net(torch.from_numpy(x)))[0].numpy(), labels


def mine(net):
    wrong = []
    for index in random.choice(len(training.parts), min(MINED_LEVELS, len(training.parts)), replace=False):
        part = training.parts[index]
        probability, labels = judge(net, training, part)
        cells = numpy.argwhere(((labels == NO_TEXT) & (probability > 0.25)) | ((labels == TEXT) & (probability < 0.5)))
        if len(cells):
            wrong.append((part, cells))
    return wrong


def report(net):
    """The part of the cells without text that is called text when this part of those with text is found."""
    results = [judge(net, held_out, part) for part in held_out.parts]
    found = numpy.sort(numpy.concatenate([probability[labels == TEXT] for probability, labels in results]))
    other = numpy.concatenate([probability[labels == NO_TEXT] for probability, labels in results])
    return ' '.join(
        f'{recall:.3f}: {100 * numpy.mean(other >= found[int(len(found) * (1 - recall))]):.3f} %' for recall in (0.995, 0.99, 0.98, 0.95)
    )


for group in ALIKE:
    mean[group], deviation[group] = mean[group].mean(), deviation[group].mean()
net = Net()
if '--start' in sys.argv:
    read_weights(net)
    print('start', report(net), flush=True)
optimizer = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-4)
peak = 2.5e-3 if '--start' in sys.argv else 6e-3
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=rounds, pct_start=0.15)
weight = numpy.array([LEVEL_WEIGHTS[part['level']] * (part['rows'] * part['columns']) ** 0.5 for part in training.parts])
weight /= weight.sum()
hard = []
began = time.process_time()
for step in range(rounds):
    if step % MINING_ROUNDS == 0 and (step or '--start' in sys.argv):
        hard = mine(net)
    crops = []
    for index in range(BATCH):
        if hard and index < 7:
            part, cells = hard[random.integers(len(hard))]
            crops.append(crop(part, cells[random.integers(len(cells))]))
        else:
            crops.append(crop(training.parts[random.choice(len(weight), p=weight)]))
    x = torch.from_numpy(numpy.stack([x for x, _ in crops]).transpose(0, 3, 1, 2).copy())
    y = torch.from_numpy(numpy.stack([y for _, y in crops]))
    logits, target, counted = net(x), (y == TEXT).float(), y != IGNORED
    loss = functional.binary_cross_entropy_with_logits(logits, target, reduction='none')
    sure = torch.sigmoid(logits).detach()
    # What is decided already counts less; text counts twice.
    focus = torch.where(target > 0, 2 * (1 - sure) ** 0.5, sure + 0.02)
    loss = (loss * focus * counted).sum() / counted.sum() * 10
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if step % MINING_ROUNDS == MINING_ROUNDS - 1 or step == rounds - 1:
        print(step + 1, f'{time.process_time() - began:.0f} s', f'{loss.item():.4f}', report(net), flush=True)
write_weights(net)
